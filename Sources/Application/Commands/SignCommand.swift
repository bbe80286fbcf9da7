import ArgumentParser
import Foundation
import MediaPipeline
import MediaService
import WebAPI

/// `agrovet sign`: the address of a transformed picture (docs/TRANSFORMS.md).
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Print the signed address of a transformed picture.",
        discussion: "Operations are separated by commas, such as fit:fill,w:640,h:480,g:smart,q:75 (docs/TRANSFORMS.md).")

    @Argument(help: "Media item.")
    var mediaID: String

    @Argument(help: "What to do to it; strip for nothing.")
    var operations: String

    @Option(name: .customLong("ext"), help: "webp, jpg, png, avif, or auto by the client's Accept header.")
    var fileExtension: String = "auto"

    @Option(name: .long, help: "How long the address works, such as 1h; without it for ever.")
    var expires: String?

    @Option(name: .long, help: "What the address begins with (default: the setting public-url, or server).")
    var base: String?

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        guard let id = MediaID(mediaID) else { throw ValidationError("\(mediaID) is no media id.") }
        guard ["webp", "jpg", "jpeg", "png", "avif", "auto"].contains(fileExtension) else {
            throw ValidationError("--ext takes webp, jpg, png, avif or auto.")
        }
        var parsed: TransformOperations
        do throws(TransformError) {
            parsed = try TransformOperations(parsing: operations, limits: TransformLimits(settings))
            _ = try parsed.resolved(presets: settings[SettingsCatalogue.presets], limits: TransformLimits(settings))
        } catch {
            throw ValidationError("\(error.operation): \(error.message)")
        }
        if let expires {
            guard let validity = try? SettingKind.duration.parse(expires) else {
                throw ValidationError("--expires takes \(SettingKind.duration.form).")
            }
            parsed.expires = Int(Date().timeIntervalSince1970) + Int(validity / .seconds(1))
        }
        let publicURL = settings[SettingsCatalogue.publicURL]
        let start = base ?? (publicURL.isEmpty ? settings[SettingsCatalogue.server] : publicURL)
        let signer = try TransformSigner(settings, DataFolder(path: settings[SettingsCatalogue.data]))
        print(
            (start.hasSuffix("/") ? String(start.dropLast()) : start)
                + signer.path(operations: parsed.description, file: "\(id).\(fileExtension)"))
    }
}
