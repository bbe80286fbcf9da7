import ArgumentParser
import Foundation

/// The flags that every command shares: where its settings come from.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: "YAML file of settings (default: AGROVET_CONFIG, or agrovet.yaml where there is one).")
    var config: String?

    @Option(name: .long, help: "Data folder.")
    var data: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any setting of `agrovet config`; may stand several times.", valueName: "setting=value"))
    var assignments: [String] = []

    /// - Parameter flags: what the command's own flags say, by setting; nil where they were not given.
    func load(_ flags: [String: String?] = [:]) throws -> Settings {
        var values: [String: String] = [:]
        for assignment in assignments {
            guard let equals = assignment.firstIndex(of: "=") else {
                throw ValidationError("--set \(assignment): expected setting=value")
            }
            values[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
        }
        for (key, value) in flags { if let value { values[key] = value } }
        if let data { values[SettingsCatalogue.data.key] = data }
        do {
            return try Settings(flags: values, file: config)
        } catch let error as SettingError {
            throw ValidationError(error.description)
        }
    }
}
