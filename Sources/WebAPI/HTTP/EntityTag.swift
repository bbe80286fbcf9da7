import Crypto
import Foundation

/// Entity tags (RFC 9110 section 8.8.3) of things that show more than what is changed through them: `"version.digest"`, of the thing's version
/// and of what is shown. A client's copy is current where both are the same (`If-None-Match`); a change is meant for this thing where the
/// version is (`Call.requireMatch`): a rating, or a photo that became ready in between, is no conflict.
public enum EntityTag {
    /// - Parameter content: what is shown, as JSON text.
    public static func text(_ version: Int, _ content: String) -> String { "\"\(version).\(digest(content))\"" }

    /// Of things that have no version: what their owner can change, as JSON text.
    public static func text(of content: String) -> String { "\"\(digest(content))\"" }

    /// Of things without a version that show more than their owner can change.
    public static func text(of content: String, showing all: String) -> String { "\"\(digest(content)).\(digest(all))\"" }

    /// Whether a change whose `If-Match` has these candidates is meant for what has the tag.
    /// - Parameter tag: of the version alone, such as `"7"`, or a whole one.
    package static func isMeant(_ candidates: String, for tag: String) -> Bool {
        candidates.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.contains {
            $0 == "*" || $0 == tag || version($0) == tag
        }
    }

    /// The tag of the version alone: `"7"` of `"7.d0a1…"`; nil where it has none.
    private static func version(_ tag: String) -> String? {
        guard tag.hasPrefix("\""), let end = tag.firstIndex(of: ".") else { return nil }
        return tag[..<end] + "\""
    }

    /// 16 digits.
    private static func digest(_ content: String) -> String {
        SHA256.hash(data: Data(content.utf8)).prefix(8).map { byte in
            let hex = String(byte, radix: 16)
            return hex.utf8.count == 1 ? "0" + hex : hex
        }.joined()
    }
}
