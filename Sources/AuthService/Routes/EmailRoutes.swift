import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/email/verify/…`: show that an e-mail address is one's own.
struct EmailRoutes: Sendable {
    let core: AuthCore

    var routes: [Route] {
        [
            Route(
                .post, "/api/auth/email/verify/", "Send the link to confirm one's e-mail address again",
                Endpoint(
                    "auth",
                    answers: [
                        Endpoint.Answer(202, "A letter is on its way", PasswordRoutes.detail),
                        Endpoint.Answer(400, "There is no address to confirm", APIError.validationSchema),
                    ])
            ) { call in try await send(call) },
            Route(
                .post, "/api/auth/email/verify/confirm/", "Confirm an e-mail address by the link's token",
                Endpoint(
                    "auth",
                    details: """
                        Asked by the account itself: a stranger whose address somebody has typed reads the letter, but is not signed in, and \
                        must not make the account look like their own.
                        """, body: .json(.object(.required("token", .string(1...200)))), answers: [.noContent])
            ) { call in try await confirm(call) },
        ]
    }

    private func send(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        guard !user.email.isEmpty, !user.isEmailVerified else {
            throw APIError.invalid("email", "There is no e-mail address to confirm.")
        }
        let mailbox = Attempts.Subject("mail-to", EmailAddress.key(user.email), core.settings.mailAttempts)
        try await core.change { [core] connection, _, time in
            let now = Timestamp.milliseconds(time)
            try Attempts.begin([mailbox], now: now, on: connection)
            try core.writeToClaimed(user.email, of: user, now: now, on: connection)
        }
        return .json(.accepted, JSONValue.object(["detail": "A letter is on its way."]).json)
    }

    private func confirm(_ call: Call) async throws -> Response {
        let token = call.body["token"]?.string ?? ""
        let account = try await core.account(call)
        let isConfirmed = try await core.change { connection, endings, time in
            guard let entry = try MailTokens.find(token, .verify, now: Timestamp.milliseconds(time), on: connection),
                entry.userID == account.id, var user = try UserTable.find(entry.userID, on: connection)
            else { return false }
            try MailTokens.remove(.verify, of: user.id, on: connection)
            return try UserChanges.verifyEmail(entry.email, of: &user, on: connection)
        }
        guard isConfirmed else {
            throw APIError(invalid: ["token": ["The link is not valid, was used already, or has expired."]], code: "invalid_token")
        }
        return .noContent
    }
}
