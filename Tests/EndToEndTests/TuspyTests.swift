import Foundation
import TestSupport
import Testing

/// tuspy, the protocol's own client for Python.
@Suite struct TuspyTests {
    private static let script = """
        import sys
        from tusclient import client, exceptions

        base, token, path, mode = sys.argv[1:5]
        tus = client.TusClient(base + "/api/media/uploads/", headers={"Authorization": "Bearer " + token})
        if mode == "begin":
            uploader = tus.uploader(path, chunk_size=100_000, metadata={"filename": "vaca.jpg", "title": "Vaca"}, upload_checksum=True)
            uploader.upload_chunk()
            uploader.upload_chunk()
            assert uploader.offset == 200_000, uploader.offset
            print(uploader.url)
        else:
            uploader = tus.uploader(path, chunk_size=150_000, url=sys.argv[5], upload_checksum=True)
            assert uploader.get_offset() == 200_000, uploader.get_offset()
            uploader.upload()
            print(uploader.offset)
        """

    @Test func itUploadsInChunksAndAnotherProcessGoesOn() async throws {
        let server = try await SharedServer.process
        let tus = TusTestClient(server)
        let folder = try TemporaryFolder()
        let (script, photo) = (folder.path + "/upload.py", folder.path + "/vaca.jpg")
        let bytes = try TestPhoto.jpeg(size: 1_000_000)
        try Self.script.write(toFile: script, atomically: true, encoding: .utf8)
        try bytes.write(to: URL(fileURLWithPath: photo))
        let python = try await PythonEnvironment.interpreter(with: ["tuspy==1.1.0"])
        let begun = try await ChildProcess.run(python, [script, server.baseURL, server.token, photo, "begin"])
        #expect(begun.status == 0, "\(begun.errors)")
        let url = begun.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try await tus.offset(of: url) == 200_000)
        let ended = try await ChildProcess.run(python, [script, server.baseURL, server.token, photo, "end", url])
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.trimmingCharacters(in: .whitespacesAndNewlines) == "1000000")
        let media = try #require(try await tus.request(.HEAD, url)["Agrovet-Media"])
        let record = try await tus.client.get(media).json
        #expect(record["title"] as? String == "Vaca")
        #expect(try await tus.client.get("/media/\(try #require(record["id"] as? String))/original").body == bytes)
    }
}
