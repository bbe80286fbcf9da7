/// Why the settings cannot be used. Every case names the setting and where it stands.
enum SettingError: Error, Sendable, CustomStringConvertible {
    case unknown(name: String, source: String)
    case malformed(key: String, source: String, expected: String)
    case unreadableFile(path: String, reason: String)
    /// This machine does not have what the value takes.
    case impossible(key: String, reason: String)

    var description: String {
        switch self {
        case .unknown(let name, let source):
            "\(source): \(name) is not a setting; `agrovet config` lists them all"
        case .malformed(let key, let source, let expected):
            // The value itself is not repeated: it may be a secret in the wrong place.
            "\(source): the value of \(key) is not valid; expected: \(expected)"
        case .unreadableFile(let path, let reason):
            "\(path): \(reason)"
        case .impossible(let key, let reason):
            "\(reason) (setting \(key))"
        }
    }
}
