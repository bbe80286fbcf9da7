import Events
import Foundation
import Schemas
import WebAPI

/// The events of the marketplace, as they are declared to those who listen.
public enum MarketplaceEvents {
    public static let types: [EventType] = [
        EventType("add.created", topic: MarketplaceService.topic, "An ad was posted, or begun.", data: add),
        EventType(
            "add.updated", topic: MarketplaceService.topic, "An ad, its stock, its state or what is seen of its media changed.", data: add),
        EventType("add.sold", topic: MarketplaceService.topic, "An order took from an ad's stock.", data: sale),
        EventType(
            "add.deleted", topic: MarketplaceService.topic, "An ad, or its seller, is gone.",
            data: .object(.required("id", .uuid), .required("seller", user))),
    ]

    private static let user = JSONSchema.string(1...200).described("A user's id.")

    /// An ad as the API shows it, with ids where that has media and seller.
    private static let add = JSONSchema.object(
        AddSchemas.add.properties.filter { !["seller", "media", "is_favourite", "distance"].contains($0.name) } + [
            .required("seller", user), .required("media", .array(.uuid).described("Ids, in order.")),
        ]
    ).named("AddOfEvents")

    private static let sale = JSONSchema.object(
        .required("id", .uuid.described("The ad's.")), .required("seller", user), .required("order", .uuid),
        .required("currency", .string(3...3)), .required("total", .string(format: .decimal)),
        .required("stock", .string(format: .decimal).described("What is left.")),
        .required(
            "lines",
            .array(
                .object(
                    .required("variant", .uuid), .required("quantity", .string(format: .decimal)), .required("unit", .choice(SaleUnit.self)))))
    ).named("Sale")

    private struct Audience: Decodable {
        let state: String?
        let seller: String?
    }

    /// Who may be told of an event of the topic: a draft is its seller's business.
    @Sendable public static func mayRead(_ event: CloudEvent, _ reader: Principal) -> Bool {
        guard let audience = try? JSONDecoder().decode(Audience.self, from: Data(event.data.utf8)) else { return false }
        return audience.state != AddState.draft.rawValue || audience.seller == reader.subject
    }
}
