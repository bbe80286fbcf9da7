import Events
import Foundation
import Schemas
import WebAPI

/// The events of the marketplace, as they are declared to those who listen.
public enum MarketplaceEvents {
    private static let add = JSONSchema.object(
        .required("id", .uuid), .required("seller", .string(1...64)), .required("title", .string()), .required("description", .string()),
        .required("category", .string()), .required("condition", .choice(AddCondition.self)), .required("currency", .string()),
        .required("price", .string(format: .decimal)), .required("unit", .choice(SaleUnit.self)),
        .required("stock", .string(format: .decimal)),
        .required("variants", .array(AddSchemas.variant)), .required("media", .array(.uuid)), .required("location", AddSchemas.location),
        .required("state", .choice(AddState.self)), .required("published", .dateTime.nullable), .required("expires", .dateTime.nullable),
        .required("created", .dateTime), .required("updated", .dateTime)
    ).named("AddEvent")

    private static let sale = JSONSchema.object(
        .required("id", .uuid), .required("seller", .string(1...64)), .required("order", .uuid), .required("currency", .string()),
        .required("total", .string(format: .decimal)),
        .required("stock", .string(format: .decimal).described("What is left, of all variants")),
        .required(
            "lines",
            .array(
                .object(
                    .required("variant", .uuid), .required("quantity", .string(format: .decimal)), .required("unit", .choice(SaleUnit.self))
                )))
    ).named("Sale")

    public static let types: [EventType] =
        [
            EventType("add.created", topic: MarketplaceService.topic, "An ad was posted.", data: add),
            EventType(
                "add.updated", topic: MarketplaceService.topic, "An ad, its stock, its state or what is seen of its media changed.",
                data: add),
            EventType("add.sold", topic: MarketplaceService.topic, "An order took from an ad's stock.", data: sale),
            EventType(
                "add.deleted", topic: MarketplaceService.topic, "An ad is gone.",
                data: .object(.required("id", .uuid), .required("seller", .string(1...64)))),
        ] + CategoryEvents.types

    /// Who may be told of an event: what is only written yet is its seller's business, and what staff do is theirs.
    @Sendable public static func mayRead(_ event: CloudEvent, _ reader: Principal) -> Bool {
        if CategoryEvents.isOne(event.type) { return reader.isStaff }
        guard event.type == "add.created" || event.type == "add.updated" else { return true }
        guard let data = try? JSONValue(parsing: Data(event.data.utf8)) else { return false }
        return data["state"]?.string != AddState.draft.rawValue || data["seller"]?.string == reader.subject || reader.isStaff
    }
}
