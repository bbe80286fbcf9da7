import Crypto
import Foundation

/// One-time passwords by time (RFC 6238) over HOTP (RFC 4226).
package struct TOTP: Sendable {
    package enum Hash: Sendable { case sha1, sha256, sha512 }

    let key: [UInt8]
    private let digits: Int
    private let hash: Hash

    /// Seconds of a step.
    package static let step: Int64 = 30

    /// The defaults are what every authenticator app takes.
    package init(key: [UInt8], digits: Int = 6, hash: Hash = .sha1) {
        self.key = key
        self.digits = digits
        self.hash = hash
    }

    /// 160 random bits, as RFC 4226 section 4 recommends.
    static func makeKey() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<20).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }

    package static func step(at seconds: Int64) -> Int64 { seconds / step }

    /// The code of a step, with leading zeros.
    package func code(_ step: Int64) -> String {
        let counter = withUnsafeBytes(of: UInt64(bitPattern: step).bigEndian) { Data($0) }
        let secret = SymmetricKey(data: key)
        let mac: [UInt8] =
            switch hash {
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: secret))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: counter, using: secret))
            case .sha512: Array(HMAC<SHA512>.authenticationCode(for: counter, using: secret))
            }
        // RFC 4226 section 5.3: four bytes from where the last half-byte says, without the sign.
        let offset = Int(mac[mac.count - 1] & 0xf)
        let number = mac[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let text = String(Int(number) % Self.powers[digits])
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step whose code this is: now's or one beside it, and later than the last that was used; nil where it is none of these.
    package func step(of code: String, at seconds: Int64, after last: Int64) -> Int64? {
        let given = Array(code.utf8)
        let now = Self.step(at: seconds)
        // All three are compared, whichever fits.
        return (now - 1...now + 1).reduce(nil) { found, step in
            ConstantTime.areEqual(Array(self.code(step).utf8), given) && step > last ? found ?? step : found
        }
    }

    /// What an authenticator app reads from a QR code.
    package func uri(issuer: String, account: String) -> String {
        func escaped(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
        return "otpauth://totp/\(escaped(issuer)):\(escaped(account))?secret=\(Base32.encode(key))&issuer=\(escaped(issuer))"
            + "&algorithm=SHA1&digits=\(digits)&period=\(Self.step)"
    }

    private static let powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
}

/// Base32 without padding (RFC 4648 section 6).
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    package static func encode(_ bytes: [UInt8]) -> String {
        var (text, buffer, bits) = ("", UInt32(0), 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
            buffer &= 0xff
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return text
    }

    /// Nil where a character is none of the alphabet.
    package static func decode(_ text: String) -> [UInt8]? {
        var (bytes, buffer, bits) = ([UInt8](), UInt32(0), 0)
        for character in text.uppercased() where character != "=" && character != " " && character != "-" {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            buffer = (buffer << 5 | UInt32(value)) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}
