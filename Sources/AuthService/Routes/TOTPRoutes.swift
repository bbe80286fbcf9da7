import Foundation
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/api/auth/totp/…`: the second factor.
struct TOTPRoutes: Sendable {
    let core: AuthCore

    private static let path = "/api/auth/totp/"
    private static let password = JSONSchema.object(.optional("current_password", .string(0...1024, format: .password)))
    private static let codes = JSONSchema.object(
        .required("recovery_codes", .array(.string()).described("Each signs in once in place of a code of the app; shown this once")))

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "Whether a second factor is asked for",
                Endpoint(
                    "auth",
                    answers: [.ok(.object(.required("enabled", .boolean), .required("recovery_codes_left", .integer(0...1000))))])
            ) { call in
                let user = try await core.account(call)
                let (isOn, left) = try await core.database.read { connection in
                    (try SecondFactor.isOn(user.id, on: connection), try SecondFactor.recoveryCodesLeft(user.id, on: connection))
                }
                return .json(.ok, JSONValue.object(["enabled": .bool(isOn), "recovery_codes_left": .number(.init(left))]).json)
            },
            Route(
                .post, Self.path, "Begin with a second factor: a key for an authenticator app",
                Endpoint(
                    "auth", details: "It is asked for once a code of it has been confirmed.", body: .optionalJSON(Self.password),
                    answers: [
                        .created(
                            .object(
                                .required("secret", .string().described("Base32")), .required("uri", .string().described("For a QR code")))),
                        .conflict("There is one already"),
                    ])
            ) { call in try await begin(call) },
            Route(
                .post, Self.path + "confirm/", "Switch the second factor on by a code of the app",
                Endpoint("auth", body: .json(.object(.required("otp", .string(1...40)))), answers: [.ok(Self.codes)])
            ) { call in try await confirm(call) },
            Route(
                .post, Self.path + "recovery/", "New recovery codes in place of those there are",
                Endpoint("auth", body: .optionalJSON(Self.password), answers: [.ok(Self.codes), .conflict("There is no second factor")])
            ) { call in
                let user = try await confirmed(call)
                return try await core.change { [core] connection, _, _ in
                    guard try SecondFactor.isOn(user.id, on: connection) else {
                        throw APIError(.conflict, code: "totp_disabled", detail: "There is no second factor.")
                    }
                    return Self.codes(try core.secondFactor.makeRecoveryCodes(user.id, on: connection))
                }
            },
            Route(
                .delete, Self.path, "Do without a second factor",
                Endpoint("auth", body: .optionalJSON(Self.password), answers: [.noContent])
            ) { call in
                let user = try await confirmed(call)
                try await core.change { connection, _, _ in try SecondFactor.end(user.id, on: connection) }
                return .noContent
            },
        ]
    }

    private func begin(_ call: Call) async throws -> Response {
        let user = try await confirmed(call)
        let totp = try await core.change { [core] connection, _, time in
            if try SecondFactor.isOn(user.id, on: connection) {
                throw APIError(.conflict, code: "totp_enabled", detail: "There is a second factor already; delete it first.")
            }
            return try core.secondFactor.begin(user.id, now: Timestamp.milliseconds(time), on: connection)
        }
        return .secret(
            .created,
            [
                "secret": .string(Base32.encode(totp.key)),
                "uri": .string(totp.uri(issuer: core.settings.totpName, account: user.username)),
            ])
    }

    private func confirm(_ call: Call) async throws -> Response {
        let user = try await core.account(call)
        let code = call.body["otp"]?.string ?? ""
        let attempt = Attempts.Subject("account", user.id, core.settings.accountAttempts)
        let now = core.now
        try await core.database.write { try Attempts.begin([attempt], now: now, on: $0) }
        return try await core.change { [core] connection, _, _ in
            guard try core.secondFactor.confirm(user.id, code: code, now: now, on: connection) else {
                throw APIError(invalid: ["otp": ["The code is not valid, or was used already."]], code: "otp_invalid")
            }
            try Attempts.forget(attempt, on: connection)
            return Self.codes(try core.secondFactor.makeRecoveryCodes(user.id, on: connection))
        }
    }

    private static func codes(_ codes: [String]) -> Response {
        .secret(.ok, ["recovery_codes": .array(codes.map { .string($0) })])
    }

    /// The account that asks, which has shown its password where it has one.
    private func confirmed(_ call: Call) async throws -> User {
        let user = try await core.account(call)
        guard user.password.isUsable else { return user }
        guard let password = call.body["current_password"]?.string else {
            throw APIError.invalid("current_password", SchemaProblem.required.message)
        }
        try await core.confirm(password, of: user, field: "current_password")
        return user
    }
}
