import Foundation
import Persistence
import Schemas

/// Users as answers show them to everybody: account, public profiles and photo. The service's database has all three projections.
public struct People: Sendable {
    private let accounts: [String: UserAccount]
    private let cards: [String: [ProfileCard]]
    private let photos: [String: MediaItem]

    public init(_ users: some Collection<String>, on connection: any SQLConnection) throws {
        let accounts = try UserProjection.find(users, on: connection)
        self.accounts = accounts
        cards = try ProfileProjection.find(users, on: connection).mapValues { cards in
            cards.filter { $0.isShown(of: accounts[$0.user]) }
        }
        photos = try MediaProjection.find(cards.values.joined().compactMap(\.photo), on: connection)
    }

    /// Nil where the user is not known, or gone.
    public func account(_ id: String) -> UserAccount? { accounts[id].flatMap { $0.isDeleted ? nil : $0 } }

    /// The profiles of a user that everybody sees.
    public func profiles(of id: String) -> [ProfileCard] { cards[id] ?? [] }

    /// A user in an answer; one that is not known yet has an id only. With several profiles each part is the first one's that tells it.
    /// - Parameter mediaBase: what links to the photo begin with.
    public func json(_ id: String, mediaBase: String) -> JSONValue {
        let cards = profiles(of: id)
        var members = UserAccount.json(id, accounts[id]).members
        if let card = cards.first { members["display_name"] = .string(card.displayName) }
        members["roles"] = .array((accounts[id]?.roles ?? []).map { .string($0) })
        members["photo"] = cards.lazy.compactMap { photo(of: $0, mediaBase) }.first ?? .null
        members["is_verified"] = .bool(cards.contains(where: \.isVerified))
        let rated = cards.first { $0.ratings > 0 }
        members["rating"] = [
            "average": rated?.rating.map { .number(Decimal($0) / 100) } ?? .null, "count": .number(Decimal(rated?.ratings ?? 0)),
        ]
        let placed = cards.first { !($0.city.isEmpty && $0.region.isEmpty && $0.country.isEmpty) }
        members["location"] =
            placed.map { ["city": .string($0.city), "region": .string($0.region), "country": .string($0.country)] } ?? .null
        return .object(members)
    }

    /// An item whose event has not come yet is shown as being processed.
    private func photo(of card: ProfileCard, _ base: String) -> JSONValue? {
        guard let id = card.photo else { return nil }
        guard let item = photos[id] else { return MediaItem.expected(id) }
        return item.isShown && item.owner == card.user ? item.json(base: base) : nil
    }

    public static let schema = JSONSchema.object(
        .required("id", .string()), .required("username", .string().nullable), .required("display_name", .string().nullable),
        .required("roles", .array(.string())), .required("photo", MediaItem.schema.nullable.described("Of the public profile")),
        .required("is_verified", .boolean.described("Whether staff have verified a specialist's licence")),
        .required(
            "rating",
            .object(
                .required("average", .number(1, 5).nullable.described("Null where nobody has rated")),
                .required("count", .integer(0...Int(Int32.max))))),
        .required(
            "location",
            JSONSchema.object(.required("city", .string()), .required("region", .string()), .required("country", .string())).nullable
                .described("What a public profile shows to everybody"))
    ).named("Person")
}
