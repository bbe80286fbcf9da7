import HTTPTypes

/// The fields of a POST form that stand before its file.
struct FormFields: Sendable {
    /// In the order in which they came.
    var items: [(name: String, value: String)] = []
    /// The file's name as the client has it; only ever part of a key.
    var filename: String?
    var fileContentType: String?

    /// Names are told apart without regard to case.
    subscript(name: String) -> String? { items.first { $0.name.lowercased() == name }?.value }

    /// What a policy is checked against: the fields, the bucket, and the key as it will be.
    func signed(bucket: String, key: String? = nil) -> [(name: String, value: String)] {
        var fields = items.filter { $0.name.lowercased() != "bucket" && (key == nil || $0.name.lowercased() != "key") }
        fields.append((name: "bucket", value: bucket))
        if let key { fields.append((name: "key", value: key)) }
        return fields
    }

    /// As a PUT would say it: `acl`, `Content-Type`, `x-amz-meta-…`.
    func headers(beside headers: HTTPFields) -> HTTPFields {
        // How long the file is, nobody has said.
        var fields: HTTPFields = [.transferEncoding: "chunked"]
        for name in [HTTPField.Name.origin, .userAgent, .referer, .forwardedProto] { fields[name] = headers[name] }
        for (name, value) in items {
            let name = name.lowercased()
            let isHeader =
                name.hasPrefix("x-amz-") && !Self.signature.contains(name)
                || ["content-type", "content-encoding", "content-disposition", "cache-control", "expires", "content-md5"].contains(name)
            let header = name == "acl" ? HTTPField.Name.acl : isHeader ? HTTPField.Name(name) : nil
            // A value that no header can carry was never meant for one.
            if let header, HTTPField.isValidValue(value) { fields[header] = value }
        }
        if fields[.contentType] == nil, self["content-type"] == nil { fields[.contentType] = fileContentType }
        return fields
    }

    private static let signature: Set<String> = [
        "x-amz-credential", "x-amz-algorithm", "x-amz-date", "x-amz-signature", "x-amz-security-token", "x-amz-content-sha256",
    ]
}
