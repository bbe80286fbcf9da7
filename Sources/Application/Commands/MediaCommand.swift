import ArgumentParser
import Foundation

struct MediaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media", abstract: "Upload to a running server, list what it has, and begin anew what failed.",
        subcommands: [Put.self, List.self, Retry.self])

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put",
            abstract: "Upload files, each with a progress bar; large ones in pieces, which go on after a broken connection.")

        @Argument(help: "Files, or with --recursive also folders.", completion: .file())
        var files: [String]

        @Flag(name: .shortAndLong, help: "Take all images of a folder and the folders in it.")
        var recursive = false

        @Option(name: .long, help: "public or private.")
        var visibility: String = "public"

        @Option(name: .long, help: "What the files are for, such as ad or avatar.")
        var purpose: String = ""

        @Option(name: .long, help: "Server's address.")
        var server: String?

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let client = try MediaClient(settings: try options.load([SettingsCatalogue.server.key: server]))
            var paths: [String] = []
            var failures = 0
            for file in files {
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
                    Terminal.complain("\(file): there is no such file")
                    failures += 1
                    continue
                }
                if !isFolder.boolValue {
                    paths.append(file)
                } else if recursive {
                    paths += Self.media(in: file)
                } else {
                    Terminal.complain("\(file): is a folder; --recursive takes what is in it")
                    failures += 1
                }
            }
            let wholeLimit = await client.wholeLimit()
            for path in paths {
                let bar = ProgressBar(label: (path as NSString).lastPathComponent)
                do {
                    let id = try await client.upload(
                        path, fields: ["visibility": visibility, "purpose": purpose], wholeLimit: wholeLimit
                    ) { bar.show($0) }
                    bar.finish("\(id)  \(path)")
                } catch let error as MediaClient.Failure {
                    bar.finish(nil)
                    Terminal.complain("\(path): \(error)")
                    failures += 1
                    // A server that does not answer or does not know us will not do better with the next file.
                    if error.isFatal { break }
                }
            }
            await client.shutdown()
            if failures > 0 { throw ExitCode.failure }
        }

        private static let extensions: Set<String> = [
            "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "heic", "heif", "hif", "avif",
            "mp4", "m4v", "mov", "qt", "3gp", "3g2", "webm", "mkv", "avi", "ts", "m2ts", "mts",
        ]

        /// By name only, to choose what to send; the server tells what a file is from its bytes.
        private static func media(in folder: String) -> [String] {
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return names.filter { extensions.contains(($0 as NSString).pathExtension.lowercased()) }.sorted().map { folder + "/" + $0 }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Begin anew items that failed, or the videos for browsers that could not be written.")

        @Argument(help: "Ids, as `agrovet media ls --status failed` tells them.")
        var ids: [String]

        @Option(name: .long, help: "Server's address.")
        var server: String?

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let client = try MediaClient(settings: try options.load([SettingsCatalogue.server.key: server]))
            var failures = 0
            for id in ids {
                do {
                    _ = try await client.call(.POST, "/api/media/\(id.urlPercentEncoded)/retry/")
                    print(id)
                } catch let error as MediaClient.Failure {
                    Terminal.complain("\(id): \(error)")
                    failures += 1
                    if error.isFatal { break }
                }
            }
            await client.shutdown()
            if failures > 0 { throw ExitCode.failure }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ls", abstract: "List media, newest first.")

        @Option(name: .long, help: "Search title, alt text and file name.")
        var search: String?

        @Option(name: .long, help: "processing, ready or failed.")
        var status: String?

        @Option(name: .long, help: "How many at the most.")
        var limit: Int = 50

        @Flag(name: .long, help: "The records as JSON lines.")
        var json = false

        @Option(name: .long, help: "Server's address.")
        var server: String?

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let client = try MediaClient(settings: try options.load([SettingsCatalogue.server.key: server]))
            do {
                for item in try await client.list(search: search, status: status, limit: limit) {
                    print(json ? item.json : item.line)
                }
                await client.shutdown()
            } catch let error as MediaClient.Failure {
                await client.shutdown()
                Terminal.complain("\(error)")
                throw ExitCode.failure
            }
        }
    }
}
