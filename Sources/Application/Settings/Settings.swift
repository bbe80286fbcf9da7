import Configuration
import Foundation
import Yams

/// Every setting with its value and where it came from. Read once, before anything starts.
///
/// Sources, the first that names a setting wins: flags, the environment (`AGROVET_…`), the YAML file, the default.
struct Settings: Sendable {
    /// A setting as it stands.
    struct Resolved: Sendable {
        let setting: any AnySetting
        let text: String
        let value: any Sendable
        /// Such as `environment AGROVET_PORT`.
        let source: String
    }

    let all: [Resolved]
    private let byKey: [String: Resolved]

    subscript<Value: Sendable>(_ setting: Setting<Value>) -> Value {
        guard let value = byKey[setting.key]?.value as? Value else {
            preconditionFailure("\(setting.key) stands in SettingsCatalogue.all")
        }
        return value
    }

    /// - Parameters:
    ///   - flags: texts by setting's key, from the command line.
    ///   - file: the YAML file's path; nil for `AGROVET_CONFIG`, or `agrovet.yaml` in the working folder where there is one.
    /// - Throws: `SettingError`.
    init(flags: [String: String], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let known = Dictionary(uniqueKeysWithValues: SettingsCatalogue.all.map { ($0.key, $0) })
        for key in flags.keys.sorted() where known[key] == nil { throw SettingError.unknown(name: key, source: "command line") }
        let names = Set(known.values.map(\.environmentName))
        for name in environment.keys.sorted() where name.hasPrefix("AGROVET_") && name != "AGROVET_CONFIG" && !names.contains(name) {
            throw SettingError.unknown(name: name, source: "environment")
        }

        let flagValues = flags.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false)) }
        let flagProvider = InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: flagValues))
        let environmentProvider = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "agrovet")
        var sources: [(snapshot: any ConfigSnapshot, name: (any AnySetting) -> String)] = [
            (flagProvider.snapshot(), { "command line --\($0.key)" }),
            (environmentProvider.snapshot(), { "environment \($0.environmentName)" }),
        ]
        if let path = try Self.filePath(file, environment) {
            sources.append((try Self.fileSnapshot(path, known: known), { _ in "file \(path)" }))
        }

        var all: [Resolved] = []
        for setting in SettingsCatalogue.all {
            var found: (text: String, source: String)?
            for source in sources where found == nil {
                let name = source.name(setting)
                found = try Self.text(of: setting, in: source.snapshot, name).map { ($0, name) }
            }
            let (text, source) = found ?? (setting.defaultText, "default")
            do {
                all.append(Resolved(setting: setting, text: text, value: try setting.parse(text), source: source))
            } catch {
                throw SettingError.malformed(key: setting.key, source: source, expected: error.expected)
            }
        }
        self.all = all
        byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.setting.key, $0) })
    }

    /// A setting's text in one source: a scalar, or in YAML a sequence of scalars; nil where the source does not name it.
    private static func text(of setting: any AnySetting, in snapshot: any ConfigSnapshot, _ source: String) throws(SettingError) -> String?
    {
        let key = AbsoluteConfigKey([setting.key])
        if let scalar = try? snapshot.value(forKey: key, type: .string) {
            guard let value = scalar.value else { return nil }
            if case .string(let text) = value.content { return text }
        }
        // A snapshot throws where the value has another form than the one asked for.
        if case .stringArray(let texts)? = try? snapshot.value(forKey: key, type: .stringArray).value?.content {
            return texts.joined(separator: ",")
        }
        throw .malformed(key: setting.key, source: source, expected: setting.form)
    }

    private static func filePath(_ file: String?, _ environment: [String: String]) throws -> String? {
        if let named = file ?? environment["AGROVET_CONFIG"] {
            guard FileManager.default.isReadableFile(atPath: named) else {
                throw SettingError.unreadableFile(path: named, reason: "there is no such file, or it cannot be read")
            }
            return named
        }
        let usual = "agrovet.yaml"
        return FileManager.default.isReadableFile(atPath: usual) ? usual : nil
    }

    private static func fileSnapshot(_ path: String, known: [String: any AnySetting]) throws -> any ConfigSnapshot {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw SettingError.unreadableFile(path: path, reason: "cannot be read as UTF-8")
        }
        do {
            // Only Yams can list the keys; an unknown one is a typing error that must not pass in silence.
            guard let root = try Yams.compose(yaml: text) else { return InMemoryProvider(name: "file", values: [:]).snapshot() }
            guard let mapping = root.mapping else {
                throw SettingError.unreadableFile(path: path, reason: "is not a mapping of settings to values")
            }
            for (key, value) in mapping {
                let name = key.string ?? "a key that is no text"
                guard let setting = known[name] else { throw SettingError.unknown(name: name, source: "file \(path)") }
                // What the snapshot does not see at all, since it is a name of several parts to it.
                if value.mapping != nil { throw SettingError.malformed(key: name, source: "file \(path)", expected: setting.form) }
            }
            return try YAMLSnapshot(data: Array(data).span.bytes, providerName: "file", parsingOptions: .default)
        } catch let error as SettingError {
            throw error
        } catch {
            throw SettingError.unreadableFile(path: path, reason: "is not valid YAML: \(error)")
        }
    }
}
