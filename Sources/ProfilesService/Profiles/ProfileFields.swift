import Foundation
import Persistence
import Schemas

/// What the owner of a profile says of it: the members of a body that was found right, each of them there. What the program decides
/// by has a type here; the rest is only kept and shown.
struct ProfileFields: Sendable, Hashable {
    private(set) var members: [String: JSONValue]

    /// - Parameter members: of a body that `ProfileForm` has found right, or that is stored.
    init(_ members: [String: JSONValue]) { self.members = members }

    subscript(_ name: String) -> JSONValue { members[name] ?? .null }

    private func text(_ name: String) -> String { self[name].string ?? "" }
    private func texts(_ name: String) -> [String] { self[name].elements.compactMap(\.string) }

    var displayName: String { text("display_name") }
    var location: Location { Location(self["location"]) }
    var languages: [String] { texts("languages") }
    var specialties: [String] { texts("specialties") }
    var photo: String? { self["photo_id"].string }
    var gallery: [String] { texts("gallery_ids") }
    /// Every item that is referred to.
    var media: Set<String> { Set(gallery + (photo.map { [$0] } ?? [])) }
    var licence: Licence { Licence(number: text("licence_number"), body: text("licensing_body")) }
    var timeZone: String? { self["time_zone"].string }

    var hours: WeeklyHours {
        var problems: [String: [String]] = [:]
        return WeeklyHours(self["hours"], problems: &problems)
    }

    /// Whether somebody is there; nil where no hours are told.
    func isOpen(_ now: Date) -> Bool? {
        let hours = hours
        guard !hours.spans.isEmpty, let zone = timeZone.flatMap({ WeeklyHours.zone($0) }) else { return nil }
        return hours.isOpen(at: WeeklyHours.minuteOfWeek(now, in: zone))
    }

    /// To whom a part is shown: `phone`, `email` or `location`.
    func visibility(_ part: String) -> Visibility { Visibility(rawValue: text(part + "_visibility")) ?? .nobody }

    var companyName: String { text("company_name") }
    var bio: String { text("bio") }

    mutating func remove(media id: String) {
        if photo == id { members["photo_id"] = .null }
        members["gallery_ids"] = .array(gallery.filter { $0 != id }.map { .string($0) })
    }

    /// Puts one specialty in another's place; it stands there once.
    mutating func replace(specialty slug: String, by heir: String) {
        var seen: Set<String> = []
        let slugs = specialties.map { $0 == slug ? heir : $0 }.filter { seen.insert($0).inserted }
        members["specialties"] = .array(slugs.map { .string($0) })
    }
}
