import Foundation
import TestSupport
import Testing

@Suite struct CommandLineTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        status: Int32, output: String, errors: String
    ) {
        try await ChildProcess.run(Executables.agrovet, arguments, environment: environment)
    }

    @Test func configTellsEverySettingAndWhereItCameFrom() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/settings.yaml"
        try "port: 9090\npresets:\n  - tiny=20x20:crop\n  - big=900x900:fit\n".write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await run(
            ["config", "--config", file, "--set", "render-memory=1GiB"],
            environment: ["AGROVET_HOST": "0.0.0.0", "AGROVET_DATABASE_URL": "postgresql://u:hunter2@h/d"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("port: 9090\n"))
        #expect(result.output.contains("from file \(file)"))
        #expect(result.output.contains("presets: tiny=20x20:crop,big=900x900:fit\n"))
        #expect(result.output.contains("host: 0.0.0.0\n"))
        #expect(result.output.contains("from environment AGROVET_HOST"))
        #expect(result.output.contains("render-memory: 1GiB\n"))
        #expect(result.output.contains("from command line"))
        #expect(result.output.contains("upload-limit: 256MiB\n"))
        #expect(result.output.contains("from default"))
        #expect(!result.output.contains("hunter2"), "secrets are not printed")
    }

    @Test func anUnknownOrWrongSettingIsAnErrorThatNamesIt() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/settings.yaml"
        try "prot: 9090\n".write(toFile: file, atomically: true, encoding: .utf8)
        let nested = folder.path + "/nested.yaml"
        try "presets: {thumb: 200x200}\n".write(toFile: nested, atomically: true, encoding: .utf8)
        for (arguments, environment, words) in [
            (["config"], ["AGROVET_PROT": "1"], "AGROVET_PROT"),
            (["config"], ["AGROVET_PORT": "many"], "port"),
            (["config", "--set", "nonsense=1"], [:], "nonsense"),
            (["config", "--config", file], [:], "prot"), (["config", "--config", nested], [:], "presets"),
            (["config", "--config", folder.path + "/none.yaml"], [:], "none.yaml"),
            (["serve", "--port", "99999"], [:], "port"),
        ] as [([String], [String: String], String)] {
            let result = try await run(arguments, environment: environment)
            #expect(result.status != 0, "\(arguments)")
            #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
        }
    }

    @Test func renderWritesTheRenditionsWithoutAServer() async throws {
        let folder = try TemporaryFolder()
        let result = try await run([
            "render", Executables.sample("photo.heic"), "--preset", "thumb", "--preset", "small", "--out", folder.path + "/out",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out").sorted()
        #expect(files == ["small.jpg", "small.webp", "thumb.jpg", "thumb.webp"])
        let plan = try await run(["render", Executables.sample("photo.jpg"), "--plan"])
        #expect(plan.status == 0)
        #expect(plan.output.contains("large"))
        let broken = try await run(["render", Executables.sample("not-an-image.jpg"), "--out", folder.path])
        #expect(broken.status == 1)
        #expect(broken.errors.contains("not-an-image.jpg: "))
    }

    @Test func renderSaysWhereItCannotWriteAndWhy() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/out/thumb.webp", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        for (out, place, reason) in [
            ("/proc/x", "/proc/x", "No such file or directory"),
            (folder.path + "/file/out", folder.path + "/file/out", "Not a directory"),
            (folder.path + "/out", folder.path + "/out/thumb.webp", "Is a directory"),
        ] {
            let result = try await run(["render", Executables.sample("photo.jpg"), "--preset", "thumb", "--out", out])
            #expect(result.status == 1 && result.output.isEmpty)
            #expect(result.errors == "agrovet render: cannot write to \(place): \(reason)\n")
        }
    }

    @Test func mediaPutUploadsAFolderAndMediaLsListsIt() async throws {
        let server = try await AgrovetProcess.start()
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/in/side", withIntermediateDirectories: true)
        for (sample, place) in [
            ("photo.jpg", "in/a.jpg"), ("alpha.png", "in/side/b.png"), ("not-an-image.jpg", "in/side/c.jpg"), ("video.webm", "in/d.WEBM"),
        ] {
            try FileManager.default.copyItem(atPath: Executables.sample(sample), toPath: folder.path + "/" + place)
        }
        let put = try await run([
            "media", "put", "--recursive", folder.path + "/in", "--server", server.baseURL, "--data", server.dataFolder,
        ])
        #expect(put.status == 1, "one of the files is no image")
        #expect(put.output.split(separator: "\n").count == 3, "\(put.output)\(put.errors)")
        #expect(put.errors.contains("c.jpg: "))
        let list = try await run(["media", "ls", "--server", server.baseURL], environment: ["AGROVET_TOKEN": server.token])
        #expect(list.status == 0, "\(list.errors)")
        #expect(list.output.split(separator: "\n").count == 3)
        #expect(list.output.contains("a.jpg") && list.output.contains("b.png") && list.output.contains("d.WEBM"))
        let refused = try await run(["media", "ls", "--server", server.baseURL], environment: ["AGROVET_TOKEN": "wrong"])
        #expect(refused.status == 1)
        #expect(refused.errors.contains("token"))
        #expect(await server.stop() == 0)
        let unreachable = try await run(["media", "ls", "--server", server.baseURL], environment: ["AGROVET_TOKEN": "x"])
        #expect(unreachable.status == 1)
        #expect(unreachable.errors.contains("cannot reach"))
    }

    /// A file over `upload-limit` goes up in pieces, as the page sends it.
    @Test func aLargeFileGoesUpInPiecesAndOnAfterABrokenConnection() async throws {
        let server = try await AgrovetProcess.start(arguments: ["--set", "upload-limit=1MiB"])
        let folder = try TemporaryFolder()
        // What follows a picture's end is not the picture's.
        let photo = try Data(contentsOf: URL(fileURLWithPath: Executables.sample("photo.jpg")))
        let file = folder.path + "/vaca \"ñ\".jpg"
        try (photo + Data(count: 40_000_000)).write(to: URL(fileURLWithPath: file))
        // Takes a connection away twice in the middle of a piece, and passes everything on otherwise.
        let script = folder.path + "/proxy.py"
        try """
        import socket, sys, threading
        target, left = int(sys.argv[1]), [9_000_000, 12_000_000]
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        def pass_on(source, sink, budget):
            try:
                while data := source.recv(65536):
                    if budget is not None:
                        budget -= len(data)
                        if budget < 0:
                            left.pop(0)
                            break
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target))
            threading.Thread(target=pass_on, args=(client, server, left[0] if left else None), daemon=True).start()
            threading.Thread(target=pass_on, args=(server, client, None), daemon=True).start()
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let port = try #require(URL(string: server.baseURL)?.port)
        let proxy = try await PythonServer.start(script, ["\(port)"], folder: folder)
        let put = try await run(
            ["media", "put", file, "--server", "http://127.0.0.1:\(proxy.port)", "--visibility", "private", "--purpose", "ad"],
            environment: ["AGROVET_TOKEN": server.token])
        #expect(put.status == 0 && put.errors.isEmpty, "\(put.output)\(put.errors)")
        let id = try #require(put.output.split(separator: " ").first)
        let record = try await HTTPTestClient(server).get("/api/media/\(id)/").json
        #expect(record["size"] as? Int == photo.count + 40_000_000)
        #expect(record["filename"] as? String == "vaca \"ñ\".jpg")
        #expect(record["visibility"] as? String == "private" && record["purpose"] as? String == "ad")
        #expect(try await HTTPTestClient(server).get("/api/media/").json["count"] as? Int == 1)
        let metrics = try await HTTPTestClient(server).get("/metrics").text
        #expect(metrics.contains("PATCH"), "it came in pieces")
        await proxy.stop()
        #expect(await server.stop() == 0)
    }

    @Test func avifThatCannotBeWrittenIsToldAtTheStart() async throws {
        let folder = try TemporaryFolder()
        // The loader finds these before the machine's own.
        for name in ["libheif.so.1", "libheif.so"] { try Data().write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
        let result = try await run(
            ["serve", "--port", "0", "--s3-port", "0", "--data", folder.path + "/storage", "--set", "avif=true"],
            environment: ["LD_LIBRARY_PATH": folder.path])
        #expect(result.status == 1 && result.output.isEmpty)
        #expect(
            result.errors == "agrovet serve: AVIF cannot be written: libheif is not installed (Debian: libheif1) (setting avif)\n",
            "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/storage"), "nothing of it was up")
    }

    @Test func aPresetIsNoLargerThanWebPTakes() async throws {
        let result = try await run(["config", "--set", "presets=huge=16384x100:fit"])
        #expect(result.status != 0)
        #expect(result.errors.contains("presets") && result.errors.contains("1 to 16383, as many pixels as WebP takes"), "\(result.errors)")
        #expect(try await run(["config", "--set", "presets=huge=16383x16383:fit"]).status == 0)
    }

    @Test func doctorSaysWhatIsThere() async throws {
        let folder = try TemporaryFolder()
        let result = try await run(["doctor", "--data", folder.path + "/storage"])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        for name in ["libjpeg", "libpng", "libwebp", "libheif", "giflib", "lcms2", "SQLite", "libpq", "HEIC", "disk", "data folder"] {
            #expect(result.output.contains(name), "\(name): \(result.output)")
        }
        let bad = try await run(["doctor", "--data", "/proc/nowhere"])
        #expect(bad.status == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/storage"), "it only looks")
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        for (data, reason) in [
            ("/proc/nowhere", "cannot be made (setting data): /proc: Read-only file system"),
            (folder.path + "/file", "cannot be written (setting data): Not a directory"),
            (folder.path + "/file/storage", "cannot be made (setting data): \(folder.path)/file: Not a directory"),
        ] {
            let result = try await run(["doctor", "--data", data])
            #expect(result.status == 1)
            let line = result.output.split(separator: "\n").first { $0.hasPrefix("✗ data folder") }
            #expect(line?.hasSuffix("the data folder \(data) \(reason)") == true, "\(result.output)")
        }
        // Each thing that is set is asked, and told by its name.
        let away = "127.0.0.1:1"
        for (arguments, words) in [
            (["--set", "database-url=postgresql://u@\(away)/d"], "✗ PostgreSQL "),
            (["--set", "database-urls=media=postgresql://u@\(away)/d"], "✗ PostgreSQL of media"),
            (
                [
                    "--set", "object-store=s3", "--set", "upstream-endpoint=http://\(away)", "--set", "upstream-bucket=farm", "--set",
                    "upstream-access-key=k", "--set", "upstream-secret-key=hunter22", "--set", "upstream-retries=0",
                ], "✗ S3 storage"
            ),
        ] {
            let result = try await run(["doctor", "--data", folder.path + "/storage"] + arguments)
            #expect(result.status == 1 && result.output.contains(words), "\(result.output)\(result.errors)")
            #expect(!result.output.contains("hunter22") && !result.output.contains("unavailable("))
        }
    }

    @Test func aServerThatCannotStartSaysWhyAndWhichSettingsMatter() async throws {
        let server = try await AgrovetProcess.start()
        let port = try #require(URL(string: server.baseURL)?.port)
        let folder = try TemporaryFolder()
        let taken = try await run(["serve", "--port", "\(port)", "--s3-port", "0", "--data", folder.path + "/storage"])
        #expect(taken.status == 1)
        #expect(taken.errors.contains("cannot listen on 127.0.0.1, ports \(port) and 0: Address already in use"), "\(taken.errors)")
        #expect(
            taken.errors.split(separator: "\n").count == 1 && taken.output.isEmpty, "nothing of it was up: \(taken.output)\(taken.errors)")
        for s3Port in [port, port + 1] {
            // Taken for the one, or wanted for both.
            let ports = ["--port", "\(s3Port == port ? 0 : s3Port)", "--s3-port", "\(s3Port)"]
            let result = try await run(["serve", "--data", folder.path + "/storage"] + ports)
            #expect(result.status == 1 && result.output.isEmpty)
            #expect(result.errors.split(separator: "\n").count == 1 && result.errors.contains("Address already in use"), "\(result.errors)")
        }
        let nowhere = try await run(["serve", "--port", "0", "--data", "/dev/null/storage"])
        #expect(nowhere.status == 1)
        #expect(
            nowhere.errors == "agrovet serve: the data folder /dev/null/storage cannot be made (setting data): Not a directory\n",
            "\(nowhere.errors)")
        let kernels = try await run(["serve", "--port", "0", "--data", "/proc/x"])
        #expect(kernels.status == 1)
        #expect(
            kernels.errors == "agrovet serve: the data folder /proc/x cannot be made (setting data): No such file or directory\n",
            "\(kernels.errors)")
        let nobody = try await run(["serve", "--host", "nohost.invalid", "--port", "0", "--data", folder.path + "/storage"])
        #expect(nobody.status == 1 && nobody.output.isEmpty)
        #expect(nobody.errors.split(separator: "\n").count == 1, "\(nobody.errors)")
        #expect(nobody.errors.contains("cannot listen on nohost.invalid: ") && nobody.errors.hasSuffix("(setting host)\n"))
        let alone = try await run([
            "serve", "--port", "0", "--s3-port", "0", "--data", folder.path + "/storage", "--set",
            "database-url=postgresql://u:hunter2@127.0.0.1:1/d",
        ])
        #expect(alone.status == 1 && alone.errors.contains("the database does not answer: "), "\(alone.errors)")
        #expect(alone.errors.contains("(settings database-url, database-urls)") && !alone.errors.contains("hunter2"))
        #expect(await server.stop() == 0)
    }

    @Test func aSecondServerOnTheSameFolderIsRefused() async throws {
        let server = try await AgrovetProcess.start()
        let second = try await run(["serve", "--port", "0", "--data", server.dataFolder])
        #expect(second.status != 0)
        #expect(second.errors.lowercased().contains("another"), "\(second.errors)")
        #expect(await server.stop() == 0)
    }
}
