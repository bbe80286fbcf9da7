import Foundation
import MediaService
import TestSupport
import Testing

@Suite struct TransformSignerTests {
    /// HMAC-SHA256 of "/w:640/x.webp" by OpenSSL: `printf '/w:640/x.webp' | openssl dgst -sha256 -hmac KEY -binary | basenc --base64url`.
    @Test func aSignatureIsWhatOtherToolsCompute() async throws {
        let key = "a-key-of-some-length"
        let script = "printf '/w:640/x.webp' | openssl dgst -sha256 -hmac \(key) -binary | basenc --base64url | tr -d '='"
        let expected = try await ChildProcess.run("bash", ["-c", script]).output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(TransformSigner(keys: [key]).path(operations: "w:640", file: "x.webp") == "/img/\(expected)/w:640/x.webp")
    }
}
