import Foundation
import Hummingbird
import Persistence
import Projections
import Schemas
import WebAPI

/// `/api/profiles/specialists/{id}/verification/`: the owner asks for the licence to be verified, staff decide.
struct LicenceRoutes: Sendable {
    let core: ProfilesCore

    private static let path = "/api/profiles/specialists/{id}/verification/"
    /// Entries of the history in an answer.
    private static let history = 100

    private static let schema = JSONSchema.object(
        .required("status", .choice(LicenceState.self)), .required("licence_number", .string()), .required("licensing_body", .string()),
        .required("document_id", .uuid.nullable), .required("reason", .string()),
        .required("history", .array(LicenceAudit.schema).described("Newest first"))
    ).named("LicenceVerification")

    private static let step = JSONSchema.object(
        .optional(
            "document_id", .uuid.nullable.described("Of a request: a media item of the owner's that shows the licence; it may be private")),
        .optional("status", .choice(["verified", "rejected"]).described("Of a decision, which staff make; left out in a request")),
        .optional("reason", .string(0...1000).described("Of a decision; a rejection needs one")),
        .optional(
            "licence_number",
            .string(1...60).described("Of a decision: the number that was looked at. 409 where the profile has another by now"))
    ).named("VerificationStep")

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "How far the verification of a licence is, and who did what when",
                Endpoint("licences", details: "For the owner and staff.", scope: ProfilesCore.read, answers: [.ok(Self.schema)])
            ) { call in
                let viewer = Viewer(call.principal)
                let json = try await core.database.read { connection in
                    try Self.json(try find(call, viewer, on: connection), on: connection)
                }
                return .json(.ok, json)
            },
            Route(
                .post, Self.path, "Ask for a licence to be verified, or decide",
                Endpoint(
                    "licences", details: "The owner asks; staff say `verified` or `rejected`, never of their own licence.",
                    scope: ProfilesCore.write, parameters: [.ifMatch], body: .json(Self.step),
                    answers: [.ok(Self.schema), .conflict("The state does not allow it, or the licence is another by now")])
            ) { try await move($0) },
        ]
    }

    /// Others than the owner and staff may know of the profile, but not of this.
    private func find(_ call: Call, _ viewer: Viewer, on connection: any SQLConnection) throws -> Profile {
        guard let profile = try ProfileTable.visible(try call.id(), .specialist, to: viewer, on: connection) else {
            throw APIError.notFound
        }
        guard viewer.seesAll(of: profile.user) else { throw APIError.permissionDenied }
        return profile
    }

    private func move(_ call: Call) async throws -> Response {
        let viewer = Viewer(call.principal)
        let actor = try call.user().subject
        let json = try await core.write { connection in
            var profile = try find(call, viewer, on: connection)
            try call.requireMatch(profile.tag)
            let action: LicenceAction
            if let status = call.body["status"]?.string, let decision = LicenceAction(rawValue: status) {
                guard viewer.isStaff, profile.user != actor else { throw APIError.permissionDenied }
                try decide(decision, call.body, &profile)
                action = decision
            } else {
                guard profile.user == actor else { throw APIError.invalid("status", "This field is required.") }
                try request(call.body, &profile, on: connection)
                action = .requested
            }
            guard let state = profile.verification.state.after(action) else {
                throw APIError(
                    .conflict, code: "wrong_state",
                    detail: "The verification is \(profile.verification.state.rawValue); this cannot follow.")
            }
            profile.verification.state = state
            try LicenceAudit.append(action, profile, actor: actor, on: connection)
            try ProfileTable.update(&profile, on: connection)
            try core.emit(.updated, profile, on: connection)
            return try Self.json(profile, on: connection)
        }
        return .json(.ok, json)
    }

    private func decide(_ decision: LicenceAction, _ body: JSONValue, _ profile: inout Profile) throws(APIError) {
        let reason = (body["reason"]?.string ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        if decision == .rejected, reason.isEmpty { throw .invalid("reason", "A rejection needs a reason.") }
        if let number = body["licence_number"]?.string, number != profile.fields.licence.number {
            throw APIError(.conflict, code: "licence_changed", detail: "The profile has another licence number by now.")
        }
        profile.verification.reason = reason
    }

    private func request(_ body: JSONValue, _ profile: inout Profile, on connection: any SQLConnection) throws {
        guard profile.fields.licence.isTold else {
            throw APIError.invalid("licence_number", "The profile needs a licence number and a licensing body first.")
        }
        let document = body["document_id"]?.string?.lowercased()
        if let document, let item = try MediaProjection.find([document], on: connection)[document],
            item.isDeleted || item.owner != profile.user || item.status == "failed"
        {
            throw APIError.invalid("document_id", "Invalid pk \"\(document)\" - object does not exist.")
        }
        profile.verification.document = document
        profile.verification.reason = ""
    }

    private static func json(_ profile: Profile, on connection: any SQLConnection) throws -> String {
        let value: JSONValue = [
            "status": .string(profile.verification.state.rawValue), "licence_number": .string(profile.fields.licence.number),
            "licensing_body": .string(profile.fields.licence.body),
            "document_id": profile.verification.document.map { .string($0) } ?? .null, "reason": .string(profile.verification.reason),
            "history": .array(try LicenceAudit.list(profile.id, limit: history, on: connection)),
        ]
        return value.json
    }
}
