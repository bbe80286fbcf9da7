import AuthService
import Events
import Foundation
import Logging
import Persistence
import Synchronization
import TestSupport
import WebAPI

/// The service's parts on a database of the test's own, without HTTP; its clock goes when the test says.
final class TestAuth: Sendable {
    let folder: TemporaryFolder
    let database: any Database
    let service: AuthService
    let revocations = RevocationList(lifetime: 900)
    let ring: SigningKeyRing
    let pages: PageSessions
    private let time = TestClock()

    static let issuer = "https://auth.example.org"
    static let token = "the token of the data folder"

    /// Cheap, for tests that are about something else.
    static var settings: AuthSettings {
        var settings = AuthSettings()
        settings.passwordCost.memory = 64
        settings.passwordCost.passes = 1
        settings.failureTime = .zero
        settings.publicURL = "https://agrovet.example.org"
        return settings
    }

    init(_ dialect: SQLDialect = .sqlite, settings: AuthSettings = TestAuth.settings, algorithm: SigningAlgorithm = .eddsa) async throws {
        folder = try TemporaryFolder()
        database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/auth.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        try await Migrator.migrate(database, service: "auth", AuthService.migrations)
        ring = SigningKeyRing(folder: folder.path + "/keys", algorithm: algorithm, tokenLifetime: 900)
        pages = PageSessions(secret: "secret", lifetime: 3600)
        let time = time
        service = try AuthService(
            database: database, settings: settings, secret: "secret", ring: ring, issuer: TokenIssuer(Self.issuer),
            revocations: revocations,
            pages: pages, mail: MailSettings(from: MailSenderName("Agrovet <no-reply@example.org>")!),
            transport: MailFolder(path: folder.path + "/mail"), metrics: MetricsRegistry(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, wakeRelay: {}, clock: { time.now })
        try await service.prepare(token: Self.token)
    }

    func pass(_ seconds: TimeInterval) { time.pass(seconds) }
    var now: Date { time.now }

    /// Types of the events that were written, with their data.
    func events() async throws -> [CloudEvent] {
        try await database.read { connection in
            try connection.query("SELECT event FROM outbox ORDER BY position").map { try CloudEvent(json: try $0.text("event")) }
        }
    }
}

/// A clock that goes when it is told to.
final class TestClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    var now: Date { time.withLock { $0 } }
    func pass(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

extension TestAuth {
    static let password = "correcto caballo 9"

    /// An account with a password.
    @discardableResult
    func add(_ username: String, email: String = "", verified: Bool = false, roles: Set<Role> = [.consumer]) async throws -> User {
        let hash = try await service.core.hasher.hash(Self.password)
        return try await service.core.change { connection, _, time in
            let user = User(
                id: UUIDv7.make(), username: username, email: email, isEmailVerified: verified, roles: roles, password: hash,
                created: Timestamp.milliseconds(time))
            try UserChanges.create(user, now: time, on: connection)
            return user
        }
    }

    /// Signs in for tokens.
    func signIn(
        _ login: String, _ password: String = TestAuth.password, code: String? = nil, address: String = "192.0.2.1"
    ) async throws -> AuthCore.Grant {
        let core = service.core
        let trace = ClientTrace(agent: "a test", address: address)
        return try await core.signIn(.init(login: login, password: password, code: code), trace) { user, connection, now in
            try core.open(.init(), for: user, trace, now: now, on: connection)
        }
    }

    func verifier() -> AccessTokenVerifier {
        AccessTokenVerifier(issuer: TokenIssuer(Self.issuer), audience: "agrovet", keys: ring, revocations: revocations)
    }

    /// The error that `body` throws, as a client sees it.
    func refusal(_ body: () async throws -> some Sendable) async -> APIError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? APIError }
    }
}
