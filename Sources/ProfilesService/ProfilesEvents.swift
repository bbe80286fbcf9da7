import Events
import Schemas

/// The events of profiles, as they are declared to those who listen: what everybody may see, and of consumers no more than that there is one.
public enum ProfilesEvents {
    private static let bare = JSONSchema.object(
        .required("id", .uuid), .required("kind", .choice(ProfileKind.self)), .required("user", .object(.required("id", .string(1...64))))
    ).named("ProfileReference")

    private static let shown = JSONSchema(.oneOf(ProfileKind.allCases.filter(\.isPublic).map(view) + [bare]))

    /// As the API shows it; media are as their own service tells them.
    private static func view(_ kind: ProfileKind) -> JSONSchema {
        let properties = ProfileView.schema(ProfileForm(kind, ProfilesSettings())).properties.map { property -> JSONSchema.Property in
            switch property.name {
            case "photo": .required("photo", JSONSchema.any.nullable)
            case "gallery": .required("gallery", .array(.any))
            // As long as the settings of whoever tells them allow.
            case "gallery_ids": .required("gallery_ids", .array(.uuid))
            case "bio": .required("bio", .string())
            default: property
            }
        }
        return JSONSchema.object(properties).named(kind.title + "OfEvents")
    }

    public static let types: [EventType] =
        [
            EventType(ProfileChange.created.rawValue, topic: ProfilesService.topic, "A profile was made.", data: shown),
            EventType(
                ProfileChange.updated.rawValue, topic: ProfilesService.topic, "A profile, its rating, its licence or its photos changed.",
                data: shown),
            EventType(ProfileChange.deleted.rawValue, topic: ProfilesService.topic, "A profile is gone.", data: bare),
        ] + SpecialtyEvents.types
}
