import Persistence
import Projections
import WebAPI

/// What this service knows of the accounts that things belong to, by the events of users. One that is not known counts as active: its event
/// may be on its way, and the S3 service has users that are no accounts.
enum OwnerAccounts {
    /// 403: credentials outlive their account by moments, a presigned address by days.
    static let inactive = APIError(.forbidden, code: "account_inactive", detail: "The account is disabled or gone.")

    /// Whether the account is gone for good.
    static func isGone(_ owner: String, on connection: any SQLConnection) throws -> Bool {
        try UserProjection.find([owner], on: connection)[owner]?.isDeleted == true
    }

    /// In the transaction that makes something of a client's: what was made before the event is taken away by it, and behind it nothing is.
    /// - Throws: `APIError` 403 where the account is gone.
    static func requirePresent(_ owner: String, on connection: any SQLConnection) throws {
        if try isGone(owner, on: connection) { throw inactive }
    }

    /// - Throws: `APIError` 403 where the account is disabled or gone.
    static func requireActive(_ owner: String, on connection: any SQLConnection) throws {
        if let account = try UserProjection.find([owner], on: connection)[owner], !account.isActive { throw inactive }
    }
}
