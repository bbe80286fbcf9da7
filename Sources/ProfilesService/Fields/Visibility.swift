/// To whom a part of a profile is shown; its owner and staff see all of it. The names are on the wire.
enum Visibility: String, Sendable, CaseIterable {
    case everyone
    /// Whoever is signed in.
    case users
    case nobody

    func admits(_ viewer: Viewer) -> Bool {
        switch self {
        case .everyone: true
        case .users: viewer != .anyone
        case .nobody: false
        }
    }

    /// Those that admit a viewer who is neither the owner nor staff.
    static func admitting(_ viewer: Viewer) -> [Visibility] { allCases.filter { $0.admits(viewer) } }
}
