import HTTPTypes

/// What is hashed of a request (Signature Version 4, "Create a canonical request"), as S3 has it: the path encoded once and not
/// normalised, so that `..` and `//` in keys stay what they are.
struct CanonicalRequest {
    let request: SignedRequest
    /// Lower-case, in order.
    let signedHeaders: [String]
    /// The value of `x-amz-content-sha256`, or what stands for it.
    let payload: String
    /// Without `X-Amz-Signature` in the query.
    let isPresigned: Bool
    /// The path as it is on the wire, for clients that encode it otherwise and sign it so.
    var keepsPath = false
    /// What the client may have signed before a proxy put its own there.
    var acceptEncoding: String?

    /// - Throws: `InvalidURI`.
    func bytes() throws(S3Error) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(1024)
        text.append(contentsOf: request.method.utf8)
        text.append(0x0A)
        try appendPath(to: &text)
        text.append(0x0A)
        try appendQuery(to: &text)
        text.append(0x0A)
        for name in signedHeaders { appendHeader(name, to: &text) }
        text.append(0x0A)
        for (index, name) in signedHeaders.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ";")) }
            text.append(contentsOf: name.utf8)
        }
        text.append(0x0A)
        text.append(contentsOf: payload.utf8)
        return text
    }

    private func appendPath(to text: inout [UInt8]) throws(S3Error) {
        guard !request.path.isEmpty else { return text.append(UInt8(ascii: "/")) }
        guard !keepsPath else { return text.append(contentsOf: request.path.utf8) }
        var path = request.path
        let isWhole = path.withUTF8 {
            PercentEncoding.append(normalized: $0, to: &text, keepingSlash: true, plusIsSpace: false)
        }
        guard isWhole else { throw .invalidURI }
    }

    /// Names and values encoded, in order of names, then of values.
    private func appendQuery(to text: inout [UInt8]) throws(S3Error) {
        guard !request.query.isEmpty else { return }
        var items: [(name: [UInt8], value: [UInt8])] = []
        var query = request.query
        let isWhole = query.withUTF8 { bytes in
            for item in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
                let equals = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
                var name: [UInt8] = []
                var value: [UInt8] = []
                guard
                    PercentEncoding.append(
                        normalized: UnsafeBufferPointer(rebasing: item[..<equals]), to: &name, keepingSlash: false, plusIsSpace: true),
                    PercentEncoding.append(
                        normalized: UnsafeBufferPointer(rebasing: item[equals...].dropFirst()), to: &value, keepingSlash: false,
                        plusIsSpace: true)
                else { return false }
                if isPresigned, name.elementsEqual("X-Amz-Signature".utf8) { continue }
                items.append((name, value))
            }
            return true
        }
        guard isWhole else { throw .invalidURI }
        if items.count > 1 {
            items.sort {
                $0.name == $1.name ? $0.value.lexicographicallyPrecedes($1.value) : $0.name.lexicographicallyPrecedes($1.name)
            }
        }
        for (index, item) in items.enumerated() {
            if index > 0 { text.append(UInt8(ascii: "&")) }
            text.append(contentsOf: item.name)
            text.append(UInt8(ascii: "="))
            text.append(contentsOf: item.value)
        }
    }

    /// `name:value`; the values of several fields of a name are joined by commas.
    private func appendHeader(_ name: String, to text: inout [UInt8]) {
        text.append(contentsOf: name.utf8)
        text.append(UInt8(ascii: ":"))
        var isFirst = true
        if name == "host" {
            text.append(contentsOf: request.authority.utf8)
            isFirst = false
        } else if name == "accept-encoding", let acceptEncoding {
            text.append(contentsOf: acceptEncoding.utf8)
            isFirst = false
        } else {
            for field in request.headers where field.name.canonicalName == name {
                if !isFirst { text.append(UInt8(ascii: ",")) }
                isFirst = false
                field.withUnsafeBytesOfValue { Self.append(squeezed: $0, to: &text) }
            }
        }
        // HTTP servers take these away before they hand a request on.
        if isFirst, name == "expect" { text.append(contentsOf: "100-continue".utf8) }
        if isFirst, name == "transfer-encoding" { text.append(contentsOf: "chunked".utf8) }
        text.append(0x0A)
    }

    /// Without white space around it, and with one space for any run of it within.
    private static func append(squeezed value: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]) {
        let start = text.count
        var isSpacePending = false
        for byte in value {
            if byte == 0x20 || byte == 0x09 {
                isSpacePending = text.count > start
            } else {
                if isSpacePending { text.append(0x20) }
                isSpacePending = false
                text.append(byte)
            }
        }
    }
}
