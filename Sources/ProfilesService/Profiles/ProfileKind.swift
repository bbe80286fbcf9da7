import WebAPI

/// What a profile presents a user as; a user has one of a kind at most. The names are on the wire.
enum ProfileKind: String, Sendable, Hashable, CaseIterable {
    case specialist
    case businessman
    case consumer

    /// In addresses.
    var plural: String {
        switch self {
        case .specialist: "specialists"
        case .businessman: "businessmen"
        case .consumer: "consumers"
        }
    }

    /// Of schemas in the OpenAPI document.
    var title: String { rawValue.capitalized }

    /// What a user has to be to have one.
    var role: Role {
        switch self {
        case .specialist: .specialist
        case .businessman: .businessman
        case .consumer: .consumer
        }
    }

    /// Whether others than the owner and staff see it.
    var isPublic: Bool { self != .consumer }
}
