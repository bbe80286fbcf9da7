import Foundation

/// A message to one recipient, as RFC 5322 and MIME write it: plain text in UTF-8.
package struct MailMessage: Sendable {
    package let text: String

    /// - Parameters:
    ///   - id: names the message for ever, so that one that is sent twice can be told.
    ///   - from: an address, or a name with an address: `Agrovet <no-reply@example.org>`.
    ///   - to: an address.
    package init(id: String, from: MailSenderName, to: String, language: MailLanguage, subject: String, body: String, date: Date) {
        let domain = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        let headers = [
            "From: " + (from.name.isEmpty ? from.address : "\(Self.encodedWord(from.name)) <\(from.address)>"),
            "To: \(to)",
            "Subject: \(Self.encodedWord(subject))",
            "Date: \(Self.date(date))",
            "Message-ID: <\(id)@\(domain)>",
            // No answers of machines to this machine (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Language: \(language.rawValue)",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        text = headers.joined(separator: "\r\n") + "\r\n\r\n" + Self.quotedPrintable(body)
    }

    /// RFC 2047, in pieces of whole characters that are short enough for a line.
    package static func encodedWord(_ text: String) -> String {
        if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7f && !"=?<>@,;:\\\"()[]".unicodeScalars.contains($0) }) {
            return text
        }
        var words: [String] = []
        var bytes: [UInt8] = []
        for character in text {
            let more = Array(String(character).utf8)
            if bytes.count + more.count > 42, !bytes.isEmpty {
                words.append("=?utf-8?B?\(Data(bytes).base64EncodedString())?=")
                bytes = []
            }
            bytes += more
        }
        words.append("=?utf-8?B?\(Data(bytes).base64EncodedString())?=")
        return words.joined(separator: "\r\n ")
    }

    /// RFC 2045 section 6.7, in lines of 76 characters at most.
    package static func quotedPrintable(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var (result, length) = ("", 0)
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isLast = index == bytes.count - 1
                let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=") || (byte == 0x20 && !isLast)
                let hex = String(byte, radix: 16, uppercase: true)
                let piece = isPlain ? String(UnicodeScalar(byte)) : "=" + (hex.count == 1 ? "0" : "") + hex
                if length + piece.utf8.count > 75 {
                    result += "=\r\n"
                    length = 0
                }
                result += piece
                length += piece.utf8.count
            }
            return result
        }.joined(separator: "\r\n") + "\r\n"
    }

    private static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: date)
    }
}

/// Whom mail is from.
public struct MailSenderName: Sendable, Equatable {
    /// Empty where there is none.
    package let name: String
    package let address: String

    /// - Parameter text: `address`, or `name <address>`; nil where it is neither.
    public init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else { return nil }
        if let start = text.lastIndex(of: "<"), text.hasSuffix(">") {
            name = text[..<start].trimmingCharacters(in: .whitespaces)
            address = String(text[text.index(after: start)...].dropLast())
        } else {
            (name, address) = ("", text)
        }
        guard EmailAddress.isValid(address) || address.wholeMatch(of: /[A-Za-z0-9._-]{1,64}@localhost/) != nil else { return nil }
    }
}
