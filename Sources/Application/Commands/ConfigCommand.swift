import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print every setting, its value, and where the value came from.",
        discussion: """
            A setting `render-memory` is the key `render-memory` of the YAML file, the variable AGROVET_RENDER_MEMORY, and \
            `--set render-memory=…` on the command line; the last of these wins.
            """)

    @OptionGroup var options: SettingsOptions

    func run() throws {
        for resolved in try options.load().all {
            let setting = resolved.setting
            let value = setting.isSecret && !resolved.text.isEmpty ? "(secret)" : resolved.text.isEmpty ? "\"\"" : resolved.text
            print("\(setting.key): \(value)")
            print("    # \(setting.help).")
            print("    # \(setting.form); from \(resolved.source); \(setting.environmentName)")
        }
    }
}
