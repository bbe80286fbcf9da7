import Events
import Foundation
import Logging
import Persistence
import Projections
import Schemas
import WebAPI

/// What all parts of the service share.
struct ProfilesCore: Sendable {
    static let source = "/agrovet/profiles"
    static let read = "profiles:read"
    static let write = "profiles:write"

    let database: any Database
    let settings: ProfilesSettings
    let logger: Logger
    /// Called after a commit that left events in the outbox.
    let wakeRelay: @Sendable () -> Void
    /// Wakes whoever tidies up.
    let upkeep = WakeUpSignal()

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> T) async throws -> T {
        let value = try await database.write(body)
        wakeRelay()
        return value
    }

    func mediaBase(_ call: Call) -> String {
        call.request.base(publicURL: settings.mediaURL.isEmpty ? settings.publicURL : settings.mediaURL)
    }

    func base(_ call: Call) -> String { call.request.base(publicURL: settings.publicURL) }

    /// Tells of a profile what everybody may see of it, in the transaction under way.
    func emit(_ change: ProfileChange, _ profile: Profile, on connection: any SQLConnection) throws {
        var data: JSONValue = [
            "id": .string(profile.id), "kind": .string(profile.kind.rawValue), "user": ["id": .string(profile.user)],
        ]
        if change != .deleted, profile.kind.isPublic {
            data = try ProfileView(viewer: .anyone, mediaBase: "").json(profile, on: connection)
        }
        try Outbox.append(
            CloudEvent(
                id: UUIDv7.make(), source: Self.source, type: change.rawValue, subject: profile.id, time: Date(), data: data.json),
            topic: ProfilesService.topic, on: connection)
    }

    /// A token outlives its account by minutes: what the user's events said since counts.
    /// - Throws: `APIError` 403 where the account is gone or switched off.
    static func requireActive(_ user: String, on connection: any SQLConnection) throws {
        if let account = try UserProjection.find([user], on: connection)[user], !account.isActive { throw APIError.permissionDenied }
    }
}

/// What happened to a profile: the types of its events.
enum ProfileChange: String, Sendable {
    case created = "profile.created"
    case updated = "profile.updated"
    case deleted = "profile.deleted"
}

/// Who looks at a profile.
enum Viewer: Sendable, Hashable {
    case anyone
    case user(String)
    case staff(String)

    init(_ principal: Principal?) {
        self = principal.map { $0.isStaff ? .staff($0.subject) : .user($0.subject) } ?? .anyone
    }

    var subject: String? {
        switch self {
        case .anyone: nil
        case .user(let subject), .staff(let subject): subject
        }
    }

    var isStaff: Bool { if case .staff = self { true } else { false } }

    /// Whether what is private of the user's profiles is shown.
    func seesAll(of user: String) -> Bool { isStaff || subject == user }
}
