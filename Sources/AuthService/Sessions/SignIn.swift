import Foundation
import Persistence
import WebAPI

extension AuthCore {
    /// Who signs in.
    package struct Credentials: Sendable {
        /// Username, or an e-mail address that is verified.
        let login: String
        let password: String
        /// Of the authenticator app, or a recovery code.
        let code: String?

        package init(login: String, password: String, code: String? = nil) {
            self.login = login
            self.password = password
            self.code = code
        }
    }

    package static let wrongCredentials = APIError(
        .unauthorized, code: "no_active_account", detail: "No active account found with the given credentials",
        headers: [.wwwAuthenticate: "Bearer"])
    private static let codeRequired = APIError(
        .unauthorized, code: "otp_required", detail: "A code of the authenticator app is required.", headers: [.wwwAuthenticate: "Bearer"])
    private static let codeWrong = APIError(
        .unauthorized, code: "otp_invalid", detail: "The code is not valid, or was used already.", headers: [.wwwAuthenticate: "Bearer"])

    /// Checks who it is, and runs `open` in the transaction that notes the sign-in.
    ///
    /// - Throws: `APIError` 401 `no_active_account` (the account does not exist, is disabled, or the password is wrong: all the same, after
    ///   the same time), `otp_required`, `otp_invalid`; 429 where too many attempts failed.
    package func signIn<T: Sendable>(
        _ credentials: Credentials, _ trace: ClientTrace, _ open: @escaping @Sendable (User, any SQLConnection, Int64) throws -> T
    ) async throws -> T {
        try await takingTime {
            // The second try is for a password that changed under the first: two sign-ins that write one old hash anew.
            for _ in 0..<2 { if let opened = try await attempt(credentials, trace, open) { return opened } }
            throw Self.wrongCredentials
        }
    }

    private enum Outcome<T: Sendable>: Sendable {
        case opened(T)
        case codeRequired
        case codeWrong
        case changed
    }

    /// Nil where the account changed under it.
    private func attempt<T: Sendable>(
        _ credentials: Credentials, _ trace: ClientTrace, _ open: @escaping @Sendable (User, any SQLConnection, Int64) throws -> T
    ) async throws -> T? {
        let now = now
        let address = Attempts.Subject.address("sign-in", trace.address, settings.addressAttempts)
        // What was typed counts, whether it is an account's or nobody's: that one has to wait says nothing of whose it is.
        let typed = Attempts.Subject("typed", Username.key(credentials.login), settings.accountAttempts)
        let (user, subjects, isLocked) = try await database.write { [settings] connection -> (User?, [Attempts.Subject], Bool) in
            try Attempts.begin([typed, address], now: now, on: connection)
            guard let user = try UserTable.find(login: credentials.login, on: connection) else { return (nil, [typed, address], false) }
            try PasswordKindTable.note(user.password, on: connection)
            let account = Attempts.Subject("account", user.id, settings.accountAttempts)
            return (user, [typed, address, account], try !Attempts.admit(account, now: now, on: connection))
        }
        // An account that has to wait though this name of it was not tried often is answered as nobody's is: or the wait would tell that the
        // username that was tried and this address are one account's. Its password is not looked at.
        let stored = user.flatMap { $0.isActive && !isLocked ? $0.password : nil }
        guard try await hasher.verify(credentials.password, stored), let user else {
            metrics.count("agrovet_sign_ins_total", "Sign-ins by outcome.", labels: [("result", "refused")])
            throw Self.wrongCredentials
        }
        let renewed = hasher.isCurrent(user.password) ? nil : try await hasher.hash(credentials.password)
        let outcome: Outcome<T> = try await database.write { [secondFactor] connection in
            guard var fresh = try UserTable.find(user.id, on: connection), fresh.isActive, fresh.password == user.password else {
                return .changed
            }
            if try SecondFactor.isOn(fresh.id, on: connection) {
                guard let code = credentials.code, !code.isEmpty else {
                    for subject in subjects { try Attempts.takeBack(subject, on: connection) }
                    return .codeRequired
                }
                guard try secondFactor.accept(code, of: fresh.id, now: now, on: connection) else { return .codeWrong }
            }
            for subject in subjects where subject != address { try Attempts.forget(subject, on: connection) }
            try Attempts.takeBack(address, on: connection)
            fresh.lastLogin = now
            if let renewed { fresh.password = renewed }
            try UserTable.touch(fresh, on: connection)
            return .opened(try open(fresh, connection, now))
        }
        wakeRelay()
        switch outcome {
        case .opened(let opened):
            metrics.count("agrovet_sign_ins_total", "Sign-ins by outcome.", labels: [("result", "ok")])
            return opened
        case .codeRequired: throw Self.codeRequired
        case .codeWrong: throw Self.codeWrong
        case .changed: return nil
        }
    }

    /// Checks the password of somebody who is signed in already, with the same care as at the door.
    /// - Throws: `APIError` 400 for the field where it is wrong, 429.
    func confirm(_ password: String, of user: User, field: String) async throws {
        try await takingTime {
            let now = now
            let account = Attempts.Subject("account", user.id, settings.accountAttempts)
            try await database.write { try Attempts.begin([account], now: now, on: $0) }
            guard try await hasher.verify(password, user.password) else {
                throw APIError.invalid(field, "The password is not correct.")
            }
            try await database.write { try Attempts.forget(account, on: $0) }
        }
    }
}
