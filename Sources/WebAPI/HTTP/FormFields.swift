/// `application/x-www-form-urlencoded` (WHATWG URL section 5).
public enum FormFields {
    /// Pairs in order; nil where an escape is broken, the text is not UTF-8, or there are more than `limit` pairs.
    public static func decode(_ text: some StringProtocol, limit: Int = 100) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            guard pairs.count < limit else { return nil }
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).removingURLPercentEncoding(plusIsSpace: true)
            }
            guard let name = halves[0], let value = halves.count > 1 ? halves[1] : "" else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    public static func encode(_ pairs: some Sequence<(name: String, value: String)>) -> String {
        pairs.map { $0.name.urlPercentEncoded + "=" + $0.value.urlPercentEncoded }.joined(separator: "&")
    }
}
