import Foundation
import Persistence
import WebAPI

/// Where an ad stands.
enum AddState: String, Sendable, CaseIterable {
    /// Written, and seen by its seller only.
    case draft
    case published
    /// Taken from the lists for a while.
    case paused
    case expired
    /// Nothing is left; it comes back when a cancelled order returns something.
    case sold

    /// What a seller may make of it.
    func canBecome(_ next: AddState) -> Bool {
        switch (self, next) {
        case (.draft, .published), (.paused, .published), (.expired, .published), (.published, .paused), (.published, .expired),
            (.paused, .expired),
            (.sold, .paused), (.sold, .expired):
            true
        default: false
        }
    }
}

enum AddCondition: String, Sendable, CaseIterable {
    case new
    case used
    case refurbished
    /// Animals and plants.
    case live
}

/// Something for sale, as the database has it.
struct AddRecord: Sendable {
    let id: String
    let seller: String
    var title: String
    var description: String
    var category: String
    var condition: AddCondition
    var currency: Currency
    var variants: [Variant]
    /// Media ids, in order.
    var media: [String]
    var location: AddLocation
    var state: AddState
    /// Milliseconds since 1970, as all times here.
    var published: Int64?
    var expires: Int64?
    let created: Int64
    var updated: Int64
    var version: Int
    /// All that an answer shows with it, as JSON text, where that is known: who sells it and its media change without it.
    var shown: String?

    var tag: String { shown.map { EntityTag.text(version, $0) } ?? "\"\(version)\"" }
    /// Of the cheapest variant.
    var price: Int64 { variants.map(\.price).min() ?? 0 }
    /// Of all variants, in thousandths.
    var stock: Int64 { variants.map(\.stock.thousandths).reduce(0, +) }
    /// Whether everybody sees it.
    var isPublic: Bool { state == .published || state == .sold }
}

/// One of the things that an ad offers.
struct Variant: Sendable, Hashable {
    let id: String
    var name: String
    var sku: String
    var unit: SaleUnit
    /// In minor units of the ad's currency.
    var price: Int64
    var stock: Quantity
}

struct AddLocation: Sendable, Hashable {
    var point: GeoPoint?
    /// City or village.
    var place = ""
    var region = ""
    /// ISO 3166-1 alpha-2, or empty.
    var country = ""
}
