import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/password/…`: change it, or set a new one by mail.
struct PasswordRoutes: Sendable {
    let core: AuthCore

    static let detail = JSONSchema.object(.required("detail", .string()))

    var routes: [Route] {
        [
            Route(
                .post, "/api/auth/password/change/", "Change one's password; other sessions end",
                Endpoint(
                    "auth",
                    body: .json(
                        .object(
                            .optional("current_password", .string(0...1024, format: .password)),
                            .required("new_password", UserFields.password))), answers: [.noContent])
            ) { call in try await change(call) },
            Route(
                .post, "/api/auth/password/reset/", "Ask for a link to set a new password",
                Endpoint(
                    "auth", details: "Answered alike whether the address belongs to an account or not.", access: .anyone,
                    body: .json(.object(.required("email", .string(1...254)))),
                    answers: [Endpoint.Answer(202, "If the address belongs to an account, a link is on its way", Self.detail)])
            ) { call in try await reset(call) },
            Route(
                .post, "/api/auth/password/reset/confirm/", "Set a new password by the link's token; all sessions end",
                Endpoint(
                    "auth",
                    details: """
                        Where the address had not been confirmed, this confirms it, and API keys, the second factor and what was allowed to \
                        clients of OAuth go: somebody else may have typed the address. Otherwise they stay.
                        """, access: .anyone,
                    body: .json(.object(.required("token", .string(1...200)), .required("new_password", UserFields.password))),
                    answers: [.noContent])
            ) { call in try await confirm(call) },
        ]
    }

    private func change(_ call: Call) async throws -> Response {
        let known = try await core.account(call)
        let password = call.body["new_password"]?.string ?? ""
        if known.password.isUsable {
            guard let current = call.body["current_password"]?.string else {
                throw APIError.invalid("current_password", SchemaProblem.required.message)
            }
            try await core.confirm(current, of: known, field: "current_password")
        }
        try core.check(password, for: known, field: "new_password")
        try await set(password, of: known.id, keeping: call.principal?.session, confirming: nil)
        return .noContent
    }

    private func reset(_ call: Call) async throws -> Response {
        let start = ContinuousClock.now
        let email = call.body["email"]?.string ?? ""
        let address = Attempts.Subject.address("mail-from", call.trace(core).address, core.settings.addressAttempts)
        let mailbox = Attempts.Subject("mail-to", EmailAddress.key(email), core.settings.mailAttempts)
        try await core.change { [core] connection, _, time in
            let now = Timestamp.milliseconds(time)
            try Attempts.begin([mailbox, address], now: now, on: connection)
            for user in try Self.accounts(of: email, on: connection) {
                let token = try MailTokens.make(
                    .reset, of: user, email: user.email, now: now, lifetime: core.settings.resetLifetime, on: connection)
                let letter = Letter.reset(
                    name: user.username, link: core.baseURL + "/#reset=" + token,
                    minutes: Int(core.settings.resetLifetime / .seconds(60)))
                try core.mail.enqueue(letter, to: user, at: user.email, from: core.mailFrom, now: now, on: connection)
            }
        }
        // As long for an address that is nobody's.
        let time = RefusalTime.deadline(elapsed: ContinuousClock.now - start, span: core.settings.failureTime)
        try await Task.sleep(until: start + time, clock: .continuous)
        return .json(
            .accepted, JSONValue.object(["detail": "If the address belongs to an account, a link is on its way."]).json)
    }

    /// The account that has confirmed the address; else those that say it is theirs, for their owners may have lost the first letter.
    private static func accounts(of email: String, on connection: any SQLConnection) throws -> [User] {
        guard EmailAddress.isValid(email) else { return [] }
        if let holder = try UserTable.find(verifiedEmail: email, on: connection) { return holder.isActive ? [holder] : [] }
        return try UserTable.claiming(email: email, limit: 3, on: connection).filter(\.isActive)
    }

    private static let wrongToken = APIError(
        invalid: ["token": ["The link is not valid, was used already, or has expired."]], code: "invalid_token")

    private func confirm(_ call: Call) async throws -> Response {
        let (token, password) = (call.body["token"]?.string ?? "", call.body["new_password"]?.string ?? "")
        let now = core.now
        let found = try await core.database.read { connection -> (User, String)? in
            guard let entry = try MailTokens.find(token, .reset, now: now, on: connection),
                let user = try UserTable.find(entry.userID, on: connection), user.isActive
            else { return nil }
            return (user, entry.email)
        }
        guard let (user, email) = found else { throw Self.wrongToken }
        try core.check(password, for: user, field: "new_password")
        try await set(password, of: user.id, keeping: nil, confirming: (token, email))
        return .noContent
    }

    /// - Parameter confirming: the token of a letter, which shows that the mailbox is the user's.
    private func set(_ password: String, of id: String, keeping session: String?, confirming: (token: String, email: String)?) async throws
    {
        let hash = try await core.hasher.hash(password)
        try await core.change { [core] connection, endings, time in
            guard var user = try UserTable.find(id, on: connection) else { throw APIError.notFound }
            if let confirming {
                // Used once, also by two at the same moment.
                guard try MailTokens.find(confirming.token, .reset, now: Timestamp.milliseconds(time), on: connection) != nil else {
                    throw Self.wrongToken
                }
                // The account has another address by now: who reads the old one has no say in it.
                guard EmailAddress.key(user.email) == EmailAddress.key(confirming.email) else { throw Self.wrongToken }
                try UserChanges.setPasswordByMail(hash, of: &user, &endings, core: core, now: time, on: connection)
            } else {
                try UserChanges.setPassword(hash, of: &user, keeping: session, &endings, core: core, now: time, on: connection)
            }
        }
    }
}
