import Projections
import Schemas

/// What ads look like on the wire.
enum AddSchemas {
    static let mediaLimit = 30
    static let variantLimit = 50

    private static let price = JSONSchema.string(format: .decimal).described("In the ad's currency, such as 12.50").example("12.50")
    private static let quantity = JSONSchema.oneOf(.string(format: .decimal), .number(0))
        .described("A number, or one in text; whole for head, piece, dose, bag, bale and service").example("10")
    private static let unit = JSONSchema.choice(SaleUnit.self)

    static let location = JSONSchema.object(
        .optional("latitude", .number(-90, 90).nullable), .optional("longitude", .number(-180, 180).nullable),
        .optional("place", .string(0...120).described("City or village")), .optional("region", .string(0...120)),
        .optional("country", .string(0...2).described("ISO 3166-1 alpha-2"))
    ).named("AddLocation")

    private static let variantDraft = JSONSchema.object(
        .optional("id", .uuid.described("Of a variant there is, to keep it")), .optional("name", .string(0...120)),
        .optional("sku", .string(0...60)), .required("price", price), .required("unit", unit), .required("stock", quantity))

    /// What a seller sends. Price, unit and stock stand for an ad with one variant.
    static let draft = JSONSchema.object(
        .required("title", .string(3...120)), .optional("description", .string(0...10_000)),
        .required("category", .string(1...64).described("Slug of a category")), .optional("condition", .choice(AddCondition.self)),
        .optional("currency", .choice(Currency.codes)), .optional("price", price), .optional("unit", unit), .optional("stock", quantity),
        .optional("variants", .array(variantDraft, count: 1...variantLimit).described("Instead of price, unit and stock")),
        .optional("media", .array(.uuid, count: 0...mediaLimit).described("Ids of the seller's photos and videos, in order")),
        .optional("location", location),
        .optional("expires", .dateTime.nullable.described("When it leaves the lists; where it is not said, after the setting add-lifetime"))
    ).named("AddDraft")

    static let creation = JSONSchema.object(
        draft.properties + [.optional("state", .choice(["draft", "published"]).described("published where it is not said"))]
    ).named("AddCreation")

    static let variant = JSONSchema.object(
        .required("id", .uuid), .required("name", .string()), .required("sku", .string()), .required("price", price),
        .required("unit", unit), .required("stock", .string(format: .decimal)))

    static let add = JSONSchema.object(
        .required("id", .uuid), .required("seller", People.schema), .required("title", .string()), .required("description", .string()),
        .required("category", .string()), .required("condition", .choice(AddCondition.self)), .required("currency", .string()),
        .required("price", price), .required("unit", unit), .required("stock", .string(format: .decimal)),
        .required("variants", .array(variant)), .required("media", .array(MediaItem.schema)), .required("location", location),
        .required("state", .choice(AddState.self)), .required("is_favourite", .boolean),
        .optional("distance", .number(0).described("Kilometres from near")), .required("published", .dateTime.nullable),
        .required("expires", .dateTime.nullable), .required("created", .dateTime), .required("updated", .dateTime)
    ).named("Add")
}
