import HTTPTypes
import Hummingbird

/// The Prefer header (RFC 7240).
public enum Prefer {
    /// Seconds that the client is ready to wait (`Prefer: wait=10`), at most `limit`; nil where it did not say.
    public static func wait(_ request: Request, limit: Int) -> Int? {
        guard let name = HTTPField.Name("Prefer") else { return nil }
        for value in request.headers[values: name] {
            for preference in value.split(whereSeparator: { $0 == "," || $0 == ";" }) {
                let pair = preference.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == "wait",
                    let seconds = Int(pair[1].filter { $0 != " " && $0 != "\"" }), seconds > 0
                else { continue }
                return min(seconds, limit)
            }
        }
        return nil
    }
}
