import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// A real server with a media bucket, spoken to by S3 on one port and by REST on the other.
@Suite struct MediaBucketTests {
    private func command(_ server: AgrovetProcess, _ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        try await ChildProcess.run(Executables.agrovet, ["s3", "media-bucket", "--data", server.dataFolder] + arguments)
    }

    private func sample(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: Executables.sample(name))) }

    /// The one item with that title, once it is there and rendered.
    private func item(_ title: String, _ client: HTTPTestClient) async throws -> [String: Any] {
        let found = try await client.poll("/api/media/?search=\(title)&ordering=-created") {
            ($0.json["results"] as? [[String: Any]])?.first?["status"] as? String == "ready"
        }
        return try #require((found.json["results"] as? [[String: Any]])?.first, "\(found.text)")
    }

    private func waitUntilGone(_ item: [String: Any], _ client: HTTPTestClient) async throws {
        let id = try #require(item["id"] as? String)
        let answer = try await client.poll("/api/media/\(id)/") { $0.status == 404 }
        #expect(answer.status == 404)
    }

    /// The types of the first events of media, as the stream tells them.
    private func events(_ client: HTTPTestClient, count: Int) async throws -> [String] {
        var request = HTTPClientRequest(url: client.baseURL + "/api/events/?topic=media.events&from=start")
        request.headers.add(name: "Authorization", value: "Bearer \(client.token ?? "")")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        var text = ""
        for try await chunk in response.body {
            text += String(buffer: chunk)
            let types = text.split(separator: "\n").dropLast().filter { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) }
            if types.count >= count { return types }
        }
        return []
    }

    @Test func whatIsPutIntoAMediaBucketIsMediaAsLongAsItIsThere() async throws {
        let server = try await AgrovetProcess.start()
        let (s3, rest) = (S3TestClient(server), HTTPTestClient(server))
        #expect(try await s3.put("herd", Data()).status == 200)
        // An object that was there before stays one; the server heeds the mark at once.
        #expect(try await s3.put("herd/before.jpg", sample("gray.jpg")).status == 200)
        let marked = try await command(server, "herd")
        #expect(marked.status == 0, "\(marked.errors)")
        #expect(try await s3.put("herd/2026/yegua parda.jpg", sample("photo.jpg")).status == 200)

        let first = try await item("parda", rest)
        #expect(first["title"] as? String == "yegua parda.jpg")
        #expect(first["owner"] as? String == "admin", "root's media are whoever's the API's token stands for")
        #expect(first["visibility"] as? String == "private")
        #expect((first["renditions"] as? [Any])?.isEmpty == false)
        let id = try #require(first["id"] as? String)
        #expect(try await rest.get("/media/\(id)/thumb.webp").status == 200)
        #expect(try await rest.get("/media/\(id)/original").body == sample("photo.jpg"))
        #expect(try await rest.anonymous.get("/media/\(id)/thumb.webp").status == 404)

        // Another picture under the key, then what is none, then nothing.
        #expect(try await s3.put("herd/2026/yegua parda.jpg", sample("palette.png")).status == 200)
        try await waitUntilGone(first, rest)
        let second = try await item("parda", rest)
        #expect(second["content_type"] as? String == "image/png")
        #expect(try await s3.put("herd/2026/yegua parda.jpg", Data("a text".utf8)).status == 200)
        try await waitUntilGone(second, rest)
        #expect(try await s3.get("herd/2026/yegua parda.jpg").text == "a text")
        #expect(try await s3.put("herd/2026/yegua parda.jpg", sample("gray.jpg")).status == 200)
        let third = try await item("parda", rest)
        #expect(try await s3.request(.DELETE, "herd/2026/yegua parda.jpg").status == 204)
        try await waitUntilGone(third, rest)

        let told = try await events(rest, count: 9)
        let lives = [
            "media.created", "media.ready", "media.created", "media.deleted", "media.ready", "media.deleted", "media.created",
            "media.ready",
            "media.deleted",
        ]
        #expect(told == lives)
        #expect(try await rest.get("/api/media/").json["count"] as? Int == 0)

        // No media bucket any more.
        #expect(try await command(server, "herd", "--off").status == 0)
        #expect(try await s3.put("herd/after.jpg", sample("gray.jpg")).status == 200)
        #expect(try await command(server, "herd", "--visibility", "public", "--owner", "herder").status == 0)
        #expect(try await s3.put("herd/public.jpg", sample("gray.jpg"), headers: ["x-amz-server-side-encryption": "AES256"]).status == 200)
        let open = try await item("public.jpg", rest)
        #expect(open["owner"] as? String == "herder")
        #expect(try await rest.anonymous.get("/media/\(try #require(open["id"] as? String))/original").body == sample("gray.jpg"))
        #expect(try await rest.get("/api/media/").json["count"] as? Int == 1)
        #expect(await server.stop() == 0)
        #expect(!server.log.contains("parda"), "keys are clients' texts")
    }

    @Test func manyObjectsAndPartsAndVersionsByARealClient() async throws {
        let server = try await AgrovetProcess.start()
        let rest = HTTPTestClient(server)
        let python = try await PythonEnvironment.interpreter(with: ["boto3==1.44.8"])
        let root = server.s3RootKey
        func run(_ script: String) async throws {
            let head = """
                import boto3, os, sys
                from boto3.s3.transfer import TransferConfig
                s3 = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], region_name="us-east-1")
                samples = os.environ["SAMPLES"]

                """
            let result = try await ChildProcess.run(
                python, ["-c", head + script],
                environment: [
                    "ENDPOINT": server.s3URL, "SAMPLES": Executables.packageRoot + "/samples", "AWS_ACCESS_KEY_ID": root.id,
                    "AWS_SECRET_ACCESS_KEY": root.secret, "NO_PROXY": "127.0.0.1",
                ], atMost: .seconds(120))
            #expect(result.status == 0, "\(result.errors)")
        }
        try await run(
            """
            s3.create_bucket(Bucket="herd")
            s3.put_bucket_versioning(Bucket="herd", VersioningConfiguration={"Status": "Enabled"})
            """)
        #expect(try await command(server, "herd").status == 0)
        try await run(
            """
            for number in range(8):
                s3.upload_file(f"{samples}/orientation-{number + 1}.jpg", "herd", f"o/{number}.jpg")
            # In parts: a photo with something behind it, which no decoder minds.
            photo = open(f"{samples}/photo.jpg", "rb").read()
            with open("/tmp/agrovet-parts-%d" % os.getpid(), "wb") as file:
                file.write(photo + bytes(12_000_000))
            s3.upload_file(file.name, "herd", "parts.jpg", Config=TransferConfig(multipart_threshold=1, multipart_chunksize=5 << 20))
            os.unlink(file.name)
            assert "-" in s3.head_object(Bucket="herd", Key="parts.jpg")["ETag"]
            s3.upload_file(f"{samples}/video.mp4", "herd", "video.mp4")
            s3.copy_object(Bucket="herd", Key="copy.jpg", CopySource="herd/o/0.jpg")
            s3.put_object(Bucket="herd", Key="sealed.jpg", Body=photo, SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
            """)
        let full = try await rest.poll("/api/media/?status=ready&page_size=50", atMost: .seconds(300)) { $0.json["count"] as? Int == 11 }
        #expect(full.json["count"] as? Int == 11, "\(full.text)")
        #expect(try await rest.get("/api/media/?kind=video").json["count"] as? Int == 1)
        let parts = try await item("parts.jpg", rest)
        #expect(parts["size"] as? Int == (try sample("photo.jpg").count) + 12_000_000)
        try await run(
            """
            # A marker over one, gone again; all others for good.
            s3.delete_object(Bucket="herd", Key="copy.jpg")
            keys = [{"Key": f"o/{number}.jpg"} for number in range(8)] + [{"Key": "parts.jpg"}, {"Key": "video.mp4"}]
            assert len(s3.delete_objects(Bucket="herd", Delete={"Objects": keys})["Deleted"]) == 10
            marker = s3.list_object_versions(Bucket="herd", Prefix="copy.jpg")["DeleteMarkers"][0]["VersionId"]
            s3.delete_object(Bucket="herd", Key="copy.jpg", VersionId=marker)
            """)
        let rest1 = try await rest.poll("/api/media/?status=ready") {
            $0.json["count"] as? Int == 1 && $0.text.contains("copy.jpg")
        }
        #expect(rest1.json["count"] as? Int == 1)
        #expect(rest1.text.contains("copy.jpg"), "without its marker the object is back, and its item")
        #expect(await server.stop() == 0)
    }

    @Test func mediaStoredThroughRESTAreReadThroughS3AndNotChanged() async throws {
        let server = try await AgrovetProcess.start()
        let (s3, rest) = (S3TestClient(server), HTTPTestClient(server))
        let other = S3TestClient(server, key: try await server.addS3Key(user: "vecina"))
        let photo = try sample("photo.jpg")
        let id = try #require(try await rest.upload(sample: "photo.jpg", headers: ["Prefer": "wait=30"]).json["id"] as? String)

        let original = try await s3.get("media/\(id)/original")
        #expect(original.status == 200)
        #expect(original.body == photo)
        #expect(original["Content-Type"] == "image/jpeg")
        #expect(original["ETag"]?.count == 34)
        let keys = try await s3.keys(of: "media", prefix: id)
        #expect(keys.contains("\(id)/original") && keys.contains("\(id)/thumb.webp"))
        #expect(try await s3.get("media/\(id)/thumb.webp").body == rest.get("/media/\(id)/thumb.webp").body)
        #expect(try await s3.get("").values(of: "Name") == ["media"])

        // Not even root changes it.
        for (method, path, query, body) in [
            (.PUT, "media/\(id)/original", "", Data("x".utf8)), (.PUT, "media/new", "", Data("x".utf8)),
            (.DELETE, "media/\(id)/original", "", nil),
            (.POST, "media/new", "uploads", nil), (.PUT, "media/\(id)/original", "tagging", Data("<Tagging/>".utf8)),
            (.POST, "media", "delete", Data("<Delete><Object><Key>\(id)/original</Key></Object></Delete>".utf8)),
            (.PUT, "media", "versioning", Data()), (.PUT, "media", "lifecycle", Data()), (.PUT, "media", "policy&lifecycle", Data()),
            (.DELETE, "media", "", nil), (.PUT, "media/\(id)/original", "policy", Data("x".utf8)),
        ] as [(HTTPMethod, String, String, Data?)] {
            let answer = try await s3.request(method, path, query: query, body: body)
            #expect(answer.status == 403 && answer.s3Code == "AccessDenied", "\(method) \(path)?\(query): \(answer.status) \(answer.text)")
            #expect(answer.text.contains("only read through S3"))
        }
        #expect(try await s3.get("media/\(id)/original").body == photo)

        // Others read what a policy lets them read.
        #expect(try await other.get("media/\(id)/original").status == 403)
        let policy = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam:::user/vecina"},
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*/original"}]}
            """
        let stored = try await s3.request(.PUT, "media", query: "policy", body: Data(policy.utf8))
        #expect(stored.status == 204, "\(stored.text)")
        #expect(try await other.get("media/\(id)/original").body == photo)
        #expect(try await other.get("media/\(id)/thumb.webp").status == 403)
        #expect(try await other.put("media/\(id)/original", Data()).status == 403)
        // A copy is the reader's own.
        #expect(try await other.put("mine", Data()).status == 200)
        let copied = try await other.put("mine/photo.jpg", Data(), headers: ["x-amz-copy-source": "media/\(id)/original"])
        #expect(copied.status == 200, "\(copied.text)")
        #expect(try await rest.request(.DELETE, "/api/media/\(id)/").status == 204)
        let gone = try await rest.poll("/media/\(id)/original") { $0.status == 404 }
        #expect(gone.status == 404)
        #expect(try await other.get("mine/photo.jpg").body == photo)
        #expect(await server.stop() == 0)
    }

    @Test func theCommandSaysWhatItCannotDo() async throws {
        let server = try await AgrovetProcess.start()
        let missing = try await command(server, "nobodys")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("there is no bucket nobodys"))
        for arguments in [
            ["media"], ["No Bucket"], ["herd", "--visibility", "secret"], ["herd", "--owner", "a b"], ["herd", "--off", "--owner", "eva"],
        ] {
            let result = try await ChildProcess.run(
                Executables.agrovet, ["s3", "media-bucket", "--data", server.dataFolder] + arguments)
            #expect(result.status == 64, "\(arguments): \(result.output)\(result.errors)")
        }
        #expect(await server.stop() == 0)
    }
}
