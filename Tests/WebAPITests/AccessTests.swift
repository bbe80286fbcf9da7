import Foundation
import HTTPTypes
import Hummingbird
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

    @Test func aCodeOpensOneSessionOnceAndInTime() {
        let sessions = Sessions(secret: "secret", lifetime: 100)
        let code = sessions.makeCode(for: "ana", validity: 10, now: now)
        #expect(sessions.redeem(code, now: now) == "ana")
        #expect(sessions.redeem(code, now: now) == nil)
        let late = sessions.makeCode(for: "ana", validity: 10, now: now)
        #expect(sessions.redeem(late, now: now.addingTimeInterval(11)) == nil)
        #expect(sessions.redeem("", now: now) == nil)
    }

    @Test func aSessionCannotBeForgedAndEnds() throws {
        let sessions = Sessions(secret: "secret", lifetime: 100)
        let cookie = sessions.open(for: "ana:lía", now: now)
        #expect(sessions.subject(ofCookie: cookie, now: now) == "ana:lía")
        #expect(sessions.subject(ofCookie: cookie, now: now.addingTimeInterval(101)) == nil)
        #expect(Sessions(secret: "other", lifetime: 100).subject(ofCookie: cookie, now: now) == nil)
        let forged = Base64URL.encode(Array("9999999999:root".utf8)) + "." + cookie.split(separator: ".")[1]
        #expect(sessions.subject(ofCookie: forged, now: now) == nil)
        for text in ["", ".", "a.b.c", String(cookie.dropLast())] { #expect(sessions.subject(ofCookie: text, now: now) == nil) }
    }

    @Test func aTokenIsWholeOrNothing() throws {
        let authenticator = Authenticator(token: "token", subject: "admin", sessions: Sessions(secret: "s", lifetime: 100))
        #expect(try authenticator.principal(of: request(.get, "/", [.authorization: "Bearer token"]))?.subject == "admin")
        #expect(try authenticator.principal(of: request(.get, "/", [.authorization: "bearer token"]))?.subject == "admin")
        #expect(try authenticator.principal(of: request()) == nil)
        for header in ["Bearer", "Bearer ", "Bearer toke", "Bearer tokens", "Basic token", "token"] {
            let error = #expect(throws: APIError.self) { try authenticator.principal(of: request(.get, "/", [.authorization: header])) }
            #expect(error?.status == .unauthorized)
        }
    }

    @Test func aCookieAloneChangesNothing() throws {
        let sessions = Sessions(secret: "s", lifetime: 100)
        let authenticator = Authenticator(token: "token", subject: "admin", sessions: sessions)
        let cookie: HTTPFields = [.cookie: "other=1; \(Sessions.cookie)=\(sessions.open(for: "admin"))"]
        #expect(try authenticator.principal(of: request(.get, "/", cookie))?.subject == "admin")
        let error = #expect(throws: APIError.self) { try authenticator.principal(of: request(.post, "/", cookie)) }
        #expect(error?.code == "csrf_failed")
        var sameSite = cookie
        sameSite[HTTPField.Name("X-Requested-With")!] = "agrovet"
        #expect(try authenticator.principal(of: request(.post, "/", sameSite))?.subject == "admin")
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
