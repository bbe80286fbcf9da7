import Foundation
import HTTPTypes
import Hummingbird
import ServiceTestSupport
import TestSupport
import Testing
import WebAPI

private func request(_ method: HTTPRequest.Method = .get, _ path: String = "/", _ headers: HTTPFields = [:]) -> Request {
    Request(
        head: HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path, headerFields: headers),
        body: RequestBody(buffer: ByteBuffer()))
}

@Suite struct AccessTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func aSignatureHoldsForItsPathUntilItExpires() {
        let signer = URLSigner(secret: "secret")
        let signed = signer.sign("/media/1/original", expires: now.addingTimeInterval(60))
        #expect(signer.isSigned(request(.get, signed), now: now))
        #expect(!signer.isSigned(request(.get, signed), now: now.addingTimeInterval(61)))
        #expect(!signer.isSigned(request(.get, signed.replacing("/media/1/", with: "/media/2/")), now: now))
        #expect(!signer.isSigned(request(.get, signed.replacing(/expires=\d+/, with: "expires=1900000000")), now: now))
        #expect(!signer.isSigned(request(.get, "/media/1/original"), now: now))
        #expect(!signer.isSigned(request(.get, "/media/1/original?expires=1800000060&signature="), now: now))
        #expect(!URLSigner(secret: "other").isSigned(request(.get, signed), now: now))
    }

    @Test func aTokenIsWholeOrNothing() async throws {
        let authenticator = FixedCredentials(keys: ["token": Principal(subject: "admin")]).authenticator
        #expect(try await authenticator.principal(of: request(.get, "/", [.authorization: "Bearer token"]))?.subject == "admin")
        #expect(try await authenticator.principal(of: request(.get, "/", [.authorization: "bearer token"]))?.subject == "admin")
        #expect(try await authenticator.principal(of: request()) == nil)
        for header in ["Bearer", "Bearer ", "Bearer toke", "Bearer tokens", "Basic token", "token", "Bearer a.b.c", "Bearer .."] {
            let error = await #expect(throws: APIError.self) {
                try await authenticator.principal(of: request(.get, "/", [.authorization: header]))
            }
            #expect(error?.status == .unauthorized)
        }
    }

    @Test func clientsOfOAuthNameThemselvesAtItsEndpointsAlone() async throws {
        let authenticator = FixedCredentials().authenticator
        let basic: HTTPFields = [.authorization: "Basic aWQ6c2VjcmV0"]
        #expect(try await authenticator.principal(of: request(.post, "/oauth/token/", basic)) == nil)
        await #expect(throws: APIError.self) { try await authenticator.principal(of: request(.post, "/api/media/", basic)) }
    }

    @Test func aCookieAloneChangesNothing() async throws {
        let authenticator = FixedCredentials(cookies: ["value": Principal(subject: "admin")]).authenticator
        let cookie: HTTPFields = [.cookie: "other=1; \(SessionCookie.name)=value"]
        #expect(try await authenticator.principal(of: request(.get, "/", cookie))?.subject == "admin")
        let error = await #expect(throws: APIError.self) { try await authenticator.principal(of: request(.post, "/", cookie)) }
        #expect(error?.code == "csrf_failed")
        var sameSite = cookie
        sameSite[HTTPField.Name("X-Requested-With")!] = "agrovet"
        #expect(try await authenticator.principal(of: request(.post, "/", sameSite))?.subject == "admin")
    }

    @Test func whatHasEndedIsKeptForAsLongAsATokenLives() {
        let list = RevocationList(lifetime: 900)
        list.revoke(session: "s", now: now)
        list.revoke(user: "ana", olderThan: 5, now: now)
        list.revoke(user: "ana", olderThan: 3, now: now)
        #expect(list.isRevoked(session: "s", user: "eva", version: 1))
        #expect(list.isRevoked(session: "other", user: "ana", version: 4))
        #expect(!list.isRevoked(session: nil, user: "ana", version: 5))
        list.take(eventType: "session.revoked", subject: "eva", data: #"{"user":"eva","session":null,"minimum_version":2}"#, now: now)
        #expect(list.isRevoked(session: nil, user: "eva", version: 1))
        list.take(eventType: "user.deleted", subject: "lía", data: "{}", now: now)
        #expect(list.isRevoked(session: nil, user: "lía", version: 1_000_000))
        for text in ["", "[]", "{}", #"{"user":7}"#] { list.take(eventType: "session.revoked", subject: "x", data: text, now: now) }
        list.revoke(session: "late", now: now + 961)
        #expect(!list.isRevoked(session: "s", user: "ana", version: 1))
        #expect(list.count == 1)
    }

    @Test func aFormIsReadAsBrowsersWriteIt() throws {
        let pairs = try #require(FormFields.decode("a=1+2&b=%C3%B1%26&c&=d"))
        #expect(pairs.map(\.name) == ["a", "b", "c", ""])
        #expect(pairs.map(\.value) == ["1 2", "ñ&", "", "d"])
        #expect(FormFields.decode("a=%zz") == nil)
        #expect(FormFields.decode("a=%FF") == nil)
        #expect(FormFields.decode(String(repeating: "a=1&", count: 101)) == nil)
        #expect(FormFields.encode([(name: "a b", value: "ñ&=")]) == "a%20b=%C3%B1%26%3D")
    }

    @Test func aSecretIsMadeOnceForItsOwnerAlone() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/secret"
        let secrets = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try SecretFile(path: path).value } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(secrets.count == 1, "those who start at once agree")
        #expect(secrets.first?.count == 43)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["secret"])
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: SecretFile.Failure.self) { try SecretFile(path: path) }
        #expect(throws: SecretFile.Failure.self) { try SecretFile(path: folder.path + "/none/secret") }
    }
}
