/// One setting: its name, what it means, its default and how its text becomes a value. The same name is the YAML key
/// (`render-memory`), the environment variable (`AGROVET_RENDER_MEMORY`) and the flag (`--set render-memory=1GiB`).
struct Setting<Value: Sendable>: Sendable {
    /// Lower case words joined by hyphens.
    let key: String
    let help: String
    /// As it would be written in the environment.
    let defaultText: String
    /// Never printed or logged.
    let isSecret: Bool
    /// Turns text into a value.
    let kind: SettingKind<Value>

    init(_ key: String, default defaultText: String, _ kind: SettingKind<Value>, secret: Bool = false, _ help: String) {
        self.key = key
        self.help = help
        self.defaultText = defaultText
        self.isSecret = secret
        self.kind = kind
    }
}

/// A setting of any type, for those who only list and check them.
protocol AnySetting: Sendable {
    var key: String { get }
    var help: String { get }
    var defaultText: String { get }
    var isSecret: Bool { get }
    /// What a value looks like, such as `bytes`.
    var form: String { get }
    /// - Throws: `SettingError.malformed` without a source.
    func parse(_ text: String) throws(SettingKindError) -> any Sendable
}

extension Setting: AnySetting {
    var form: String { kind.form }
    func parse(_ text: String) throws(SettingKindError) -> any Sendable { try kind.parse(text) }
}

extension AnySetting {
    /// The environment variable of this setting.
    var environmentName: String { "AGROVET_" + key.uppercased().replacing("-", with: "_") }
}

/// Why a text is no value of a setting: what was expected instead.
struct SettingKindError: Error, Sendable {
    let expected: String
}
