import Schemas

/// A specialist's licence to practise.
struct Licence: Sendable, Hashable {
    let number: String
    let body: String

    /// Whether there is something to verify.
    var isTold: Bool { !number.isEmpty && !body.isEmpty }
}

/// How far the verification of a licence is. The names are on the wire.
enum LicenceState: String, Sendable, CaseIterable {
    case none
    case requested
    case verified
    case rejected

    /// The state behind an action; nil where it cannot be taken. A licence that was verified may be rejected later, and the other way round.
    func after(_ action: LicenceAction) -> LicenceState? {
        switch (self, action) {
        case (.verified, .requested), (.none, .verified), (.none, .rejected): nil
        case (_, .requested): .requested
        case (_, .verified): .verified
        case (_, .rejected): .rejected
        case (_, .reset): LicenceState.none
        }
    }
}

/// What somebody did about a licence.
enum LicenceAction: String, Sendable, CaseIterable {
    case requested
    case verified
    case rejected
    /// The owner changed the licence.
    case reset
}

/// The verification of a profile's licence as it stands.
struct Verification: Sendable, Hashable {
    var state = LicenceState.none
    /// A media item that shows the licence; it may be private.
    var document: String?
    /// What staff said.
    var reason = ""

    /// - Parameter isWhole: with what only the owner and staff see.
    func json(isWhole: Bool) -> JSONValue {
        var members: [String: JSONValue] = ["status": .string(state.rawValue)]
        if isWhole {
            members["document_id"] = document.map { .string($0) } ?? .null
            members["reason"] = .string(reason)
        }
        return .object(members)
    }

    static let schema = JSONSchema.object(
        .required("status", .choice(LicenceState.self)),
        .optional("document_id", .uuid.nullable.described("For the owner and staff")),
        .optional("reason", .string().described("For the owner and staff"))
    ).named("Verification")
}
