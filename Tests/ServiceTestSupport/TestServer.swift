import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import WebAPI

/// A server of the test's own routes on a free port.
public struct TestServer: Sendable {
    public let port: Int
    public let log: CapturedLog

    public var address: String { "http://127.0.0.1:\(port)" }

    /// Runs the server while `body` uses it.
    /// - Parameters:
    ///   - keys: whom bearer tokens stand for.
    ///   - services: run beside it.
    public static func run(
        _ routes: [Route], limits: HTTPConnectionLimits = HTTPConnectionLimits(), ready: (any ReadyAnswers)? = nil,
        metrics: MetricsRegistry = MetricsRegistry(), settings: RouterSettings = RouterSettings(),
        keys: [String: Principal] = ["token": Principal(subject: "ana", roles: [.staff])], services: [any Service] = [],
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let log = CapturedLog()
        let authenticator = FixedCredentials(keys: keys).authenticator
        let router = APIRouter.router(routes: routes, authenticator: authenticator, metrics: metrics, settings: settings) { _ in nil }
        let application = Application(
            router: router, server: .api(limits: limits, ready: ready, metrics: metrics),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            services: services,
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in log.handler })
        let service = ServiceGroup(services: [application], logger: application.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await service.run()
                port.finish()
            }
            var outcome: Result<Void, any Error> = .success(())
            for await port in ports {
                do { try await body(TestServer(port: port, log: log)) } catch { outcome = .failure(error) }
                break
            }
            // In order, as the server itself ends: a connection that is accepted while its server is cancelled is nobody's, which
            // NIO takes for a mistake and ends the process.
            await service.triggerGracefulShutdown()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    /// Speaks HTTP by hand, on a thread of its own: a socket that waits must not hold a thread that the server needs.
    public func speak<T: Sendable>(_ body: @escaping @Sendable (RawSocket) throws -> T) async throws -> T {
        let port = port
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let socket = try RawSocket(port: port)
                        defer { socket.close() }
                        return try body(socket)
                    })
            }
        }
    }

    /// Sends a request and returns all that comes until the server closes the connection.
    public func exchange(_ request: String) async throws -> String {
        try await speak { socket in
            // A server that refuses may close before all is sent.
            try? socket.send(request)
            return try socket.receive(until: TestServer.end)
        }
    }

    /// What no server sends: waits for the connection's end.
    public static let end = "\u{0}the end"
}

/// The log's lines as one text.
public final class CapturedLog: Sendable {
    private let lines = Mutex("")
    public var text: String { lines.withLock { $0 } }
    public var handler: any LogHandler { Handler(log: self) }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.lines.withLock { $0 += "\(event.message) \(all)\n" }
        }
    }
}
