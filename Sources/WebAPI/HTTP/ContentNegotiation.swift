/// Chooses among media types by an Accept header (RFC 9110 section 12.5.1).
public enum ContentNegotiation {
    /// The media type of `offers` that the client likes best; among equals the first offered.
    ///
    /// A wildcard (`*/*`, `image/*`) only counts for a type that needs no asking: clients that send it alone may not
    /// know newer formats, so `offers` marked `explicit` are given only to those that name them.
    /// - Returns: nil where the client accepts none of them.
    public static func choose(accept: String?, offers: [(type: String, explicit: Bool)]) -> String? {
        guard let accept, !accept.isEmpty else { return offers.first { !$0.explicit }?.type }
        let ranges = accept.split(separator: ",").map { range -> (type: String, quality: Double) in
            let parsed = HeaderParameters(String(range))
            return (parsed.value, min(1, max(0, parsed.parameters["q"].flatMap(Double.init) ?? 1)))
        }
        var best: (type: String, quality: Double)?
        for offer in offers {
            let exact = ranges.first { $0.type == offer.type }
            let prefix = offer.type.prefix { $0 != "/" } + "/*"
            let wildcard = offer.explicit ? nil : ranges.first { $0.type == prefix } ?? ranges.first { $0.type == "*/*" }
            guard let quality = (exact ?? wildcard)?.quality, quality > 0 else { continue }
            if best == nil || quality > best!.quality { best = (offer.type, quality) }
        }
        return best?.type
    }
}
