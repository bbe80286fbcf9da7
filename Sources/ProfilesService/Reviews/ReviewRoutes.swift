import Foundation
import Hummingbird
import Persistence
import Projections
import Schemas
import WebAPI

/// `/api/profiles/specialists/{id}/reviews/`: one of each user, who may change and delete it; staff may delete any.
struct ReviewRoutes: Sendable {
    let core: ProfilesCore

    private static let path = "/api/profiles/specialists/{id}/reviews/"
    private static let orderings = ["created": "created", "updated": "updated", "rating": "rating"]

    private var draft: JSONSchema {
        JSONSchema.object(
            .required("rating", .integer(1...5)), .optional("text", .string(0...core.settings.reviewLength).defaulting(to: ""))
        ).named("ReviewDraft")
    }

    var routes: [Route] {
        [
            Route(
                .get, Self.path, "Reviews of a specialist",
                endpoint(
                    access: .anyone, scope: ProfilesCore.read, parameters: Parameter.paging() + [.ordering(Self.orderings.keys)],
                    answers: [.page(of: Review.schema)])
            ) { try await list($0) },
            Route(
                .post, Self.path, "Review a specialist",
                endpoint(body: .json(draft), answers: [.created(Review.schema), .conflict("The user has reviewed this profile")])
            ) { try await create($0) },
            Route(
                .get, Self.path + "{review}/", "A review",
                endpoint(access: .anyone, scope: ProfilesCore.read, answers: [.ok(Review.schema)]).tagged
            ) { call in
                let (json, tag) = try await core.database.read { connection in
                    let (_, review) = try find(call, on: connection)
                    return (try Self.json([review], on: connection)[0], review.tag)
                }
                return call.answer(json, tag: tag)
            },
            Route(
                .patch, Self.path + "{review}/", "Change one's review",
                endpoint(parameters: [.ifMatch], body: .json(draft.partial), answers: [.ok(Review.schema)])
            ) { try await change($0) },
            Route(
                .delete, Self.path + "{review}/", "Delete one's review",
                endpoint("Staff may delete any.", parameters: [.ifMatch], answers: [.noContent])
            ) { try await delete($0) },
        ]
    }

    private func endpoint(
        _ details: String = "", access: Endpoint.Access = .user, scope: String = ProfilesCore.write, parameters: [Parameter] = [],
        body: Endpoint.Body? = nil, answers: [Endpoint.Answer]
    ) -> Endpoint {
        Endpoint("reviews", details: details, access: access, scope: scope, parameters: parameters, body: body, answers: answers)
    }

    private func profile(_ call: Call, on connection: any SQLConnection) throws -> Profile {
        guard let profile = try ProfileTable.visible(try call.id(), .specialist, to: Viewer(call.principal), on: connection) else {
            throw APIError.notFound
        }
        return profile
    }

    private func find(_ call: Call, on connection: any SQLConnection) throws -> (Profile, Review) {
        let profile = try profile(call, on: connection)
        guard let review = try ReviewTable.find(try call.id("review"), of: profile.user, on: connection) else { throw APIError.notFound }
        return (profile, review)
    }

    private static func json(_ reviews: [Review], on connection: any SQLConnection) throws -> [String] {
        let users = try UserProjection.find(reviews.compactMap(\.author), on: connection)
        return reviews.map { $0.json(users).json }
    }

    private func list(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request)
        let ordering = try Ordering(call.request, columns: Self.orderings, fallback: "-created", tieBreaker: "id")
        let (texts, count) = try await core.database.read { connection in
            let id = SQLValue(try profile(call, on: connection).user)
            let count = try connection.query("SELECT COUNT(*) AS items FROM reviews WHERE user_id = $1", [id]).first?.int("items") ?? 0
            let reviews = try ReviewTable.list(
                "WHERE user_id = $1 ORDER BY \(ordering.clause) LIMIT \(page.pageSize) OFFSET \(page.offset)", [id], on: connection)
            return (try Self.json(reviews, on: connection), count)
        }
        return .json(.ok, try page.body(texts, count: count, request: call.request, base: core.base(call)))
    }

    private func create(_ call: Call) async throws -> Response {
        let author = try call.user().subject
        let (review, page, json) = try await core.write { connection in
            try ProfilesCore.requireActive(author, on: connection)
            let profile = try profile(call, on: connection)
            guard profile.user != author else { throw APIError.invalid("non_field_errors", "Your own profile is not for you to review.") }
            let now = Timestamp.now()
            let review = Review(
                id: UUIDv7.make(), user: profile.user, author: author, rating: call.body["rating"]?.integer ?? 0,
                text: call.body["text"]?.string ?? "", created: now, updated: now)
            guard try ReviewTable.insert(review, on: connection) else {
                throw APIError(.conflict, code: "already_reviewed", detail: "You have reviewed this profile already.")
            }
            try rated(profile, stars: review.rating, count: 1, on: connection)
            return (review, profile.id, try Self.json([review], on: connection)[0])
        }
        let location = "\(core.base(call))/api/profiles/specialists/\(page)/reviews/\(review.id)/"
        return .created(json, location: location, tag: review.tag)
    }

    private func change(_ call: Call) async throws -> Response {
        let user = try call.user().subject
        let (review, json) = try await core.write { connection in
            var (profile, review) = try find(call, on: connection)
            // Words are not put into others' mouths, by staff neither.
            guard review.author == user else { throw APIError.permissionDenied }
            try call.requireMatch(review.tag)
            let before = review.rating
            review.rating = call.body["rating"]?.integer ?? before
            review.text = call.body["text"]?.string ?? review.text
            try ReviewTable.update(&review, on: connection)
            if review.rating != before { try rated(profile, stars: review.rating - before, count: 0, on: connection) }
            return (review, try Self.json([review], on: connection)[0])
        }
        var response = Response.json(.ok, json)
        response.headers[.eTag] = review.tag
        return response
    }

    private func delete(_ call: Call) async throws -> Response {
        let user = try call.user()
        try await core.write { connection in
            let (profile, review) = try find(call, on: connection)
            guard review.author == user.subject || user.isStaff else { throw APIError.permissionDenied }
            try call.requireMatch(review.tag)
            try ReviewTable.delete(review.id, on: connection)
            try rated(profile, stars: -review.rating, count: -1, on: connection)
        }
        return .noContent
    }

    /// Sums the rating up and tells the profile as it is now.
    private func rated(_ profile: Profile, stars: Int, count: Int, on connection: any SQLConnection) throws {
        try RatingProjection.add(stars: stars, count: count, to: profile.user, on: connection)
        if let now = try ProfileTable.find(profile.id, profile.kind, on: connection) { try core.emit(.updated, now, on: connection) }
    }
}
