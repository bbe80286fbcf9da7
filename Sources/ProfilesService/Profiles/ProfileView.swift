import Foundation
import Persistence
import Projections
import Schemas
import WebAPI

/// Profiles as a viewer sees them: what is private is left out here, and nowhere else.
struct ProfileView: Sendable {
    let viewer: Viewer
    /// What links to media begin with.
    let mediaBase: String
    var now = Date()

    /// Shown to the owner and staff only.
    private static let hidden: Set<String> = ["phone_visibility", "email_visibility", "location_visibility", "tax_id"]

    func json(_ profile: Profile, on connection: any SQLConnection) throws -> JSONValue { try json([profile], on: connection)[0] }

    /// - Parameter near: where distances are told from; nil for none.
    func json(_ profiles: [Profile], near: GeoPoint? = nil, on connection: any SQLConnection) throws -> [JSONValue] {
        let users = try UserProjection.find(profiles.map(\.user), on: connection)
        let media = try MediaProjection.find(profiles.flatMap(\.fields.media), on: connection)
        return profiles.map { profile in
            var members = fields(of: profile)
            members["id"] = .string(profile.id)
            members["kind"] = .string(profile.kind.rawValue)
            members["user"] = UserAccount.json(profile.user, users[profile.user])
            members["rating"] = profile.rating.json
            members["is_open"] = profile.fields.isOpen(now).map { .bool($0) } ?? .null
            members["created"] = .string(Timestamp.text(milliseconds: profile.created))
            members["updated"] = .string(Timestamp.text(milliseconds: profile.updated))
            addMedia(profile, media, to: &members)
            if profile.kind == .specialist {
                members["verification"] = profile.verification.json(isWhole: viewer.seesAll(of: profile.user))
            }
            if let near, showsPlace(of: profile), let point = profile.fields.location.point {
                members["distance_km"] = .number(Decimal((near.distance(to: point) * 10).rounded()) / 10)
            }
            return .object(members)
        }
    }

    private func fields(of profile: Profile) -> [String: JSONValue] {
        guard !viewer.seesAll(of: profile.user) else { return profile.fields.members }
        var members = profile.fields.members.filter { !Self.hidden.contains($0.key) }
        for part in ["phone", "email"] where !profile.fields.visibility(part).admits(viewer) { members[part] = .null }
        if !showsPlace(of: profile), case .object(let location)? = members["location"] {
            members["location"] = .object(location.filter { !Location.exact.contains($0.key) })
        }
        return members
    }

    private func showsPlace(of profile: Profile) -> Bool {
        viewer.seesAll(of: profile.user) || profile.fields.visibility("location").admits(viewer)
    }

    /// An item whose event has not come yet is shown as being processed.
    private func addMedia(_ profile: Profile, _ known: [String: MediaItem], to members: inout [String: JSONValue]) {
        func isShown(_ id: String) -> Bool { known[id].map { $0.isShown && $0.owner == profile.user } ?? true }
        func item(_ id: String) -> JSONValue { known[id]?.json(base: mediaBase) ?? MediaItem.expected(id) }
        let photo = profile.fields.photo.flatMap { isShown($0) ? $0 : nil }
        let gallery = profile.fields.gallery.filter(isShown)
        members["photo_id"] = photo.map { .string($0) } ?? .null
        members["photo"] = photo.map(item) ?? .null
        members["gallery_ids"] = .array(gallery.map { .string($0) })
        members["gallery"] = .array(gallery.map(item))
    }

    /// The form of an answer.
    static func schema(_ form: ProfileForm) -> JSONSchema {
        let fields = form.properties.map { property -> JSONSchema.Property in
            if property.name == "location" {
                return .required("location", Location.schema.nullable.described("Without point and address where they are private"))
            }
            return hidden.contains(property.name)
                ? .optional(property.name, property.schema.described("For the owner and staff")) : .required(property.name, property.schema)
        }
        return JSONSchema.object(
            fields + [
                .required("id", .uuid), .required("kind", .choice([form.kind.rawValue])), .required("user", UserAccount.schema),
                .required("photo", MediaItem.schema.nullable), .required("gallery", .array(MediaItem.schema)),
                .required("rating", Rating.schema), .required("is_open", .boolean.nullable.described("Now; null where no hours are told")),
                .optional("distance_km", .number(0).described("In lists with near")),
                .required("created", .dateTime), .required("updated", .dateTime),
            ] + (form.kind == .specialist ? [.required("verification", Verification.schema)] : [])
        ).named(form.kind.title)
    }
}

/// JSON of profiles where it is no answer.
enum ProfileJSON {
    static func stored(_ fields: ProfileFields) -> String { JSONValue.object(fields.members).json }
}
