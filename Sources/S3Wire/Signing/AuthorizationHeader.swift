import Foundation
import HTTPTypes

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
extension S3Authorization {
    private static let maximumHeader = 8192

    init(header: String, _ request: SignedRequest, now: Date, maximumSkew: TimeInterval) throws(S3Error) {
        guard !header.isEmpty else { throw .accessDenied }
        let malformed = S3Error.authorizationHeaderMalformed
        guard header.utf8.count <= Self.maximumHeader else { throw malformed }
        // By bytes: characters would be looked for in a text that every request has.
        let bytes = Array(header.utf8)
        let space = bytes.firstIndex(of: 0x20) ?? bytes.count
        try Self.requireVersion4(bytes[..<space], rest: bytes[space...])

        var (credential, signed, digits): (ArraySlice<UInt8>?, ArraySlice<UInt8>?, ArraySlice<UInt8>?)
        var others: Set<ArraySlice<UInt8>> = []
        var next = space
        while next < bytes.count {
            let end = bytes[next...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            let whole = bytes[next..<end]
            next = end + 1
            if whole.isEmpty { continue }
            let part = whole.drop { $0 == 0x20 }
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { throw malformed }
            let name = part[..<equals]
            var value = part[(equals + 1)...]
            while value.last == 0x20 { value = value.dropLast() }
            let isNew: Bool
            if name.elementsEqual("Credential".utf8) {
                isNew = credential == nil
                credential = value
            } else if name.elementsEqual("SignedHeaders".utf8) {
                isNew = signed == nil
                signed = value
            } else if name.elementsEqual("Signature".utf8) {
                isNew = digits == nil
                digits = value
            } else {
                isNew = others.insert(name).inserted
            }
            guard isNew else { throw malformed }
        }
        guard let credential, let signed, let digits else {
            throw malformed.with(
                message: "The authorization header is malformed; the header must have Credential, SignedHeaders and Signature.")
        }
        guard let (accessKey, scope) = CredentialScope.parse(credential) else {
            throw malformed.with(
                message: "The authorization header is malformed; the Credential is mal-formed; expecting "
                    + "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
        }
        guard scope.service == "s3" else {
            throw malformed.with(
                message: "The authorization header is malformed; incorrect service \"\(scope.service)\". This endpoint belongs to \"s3\".")
        }
        guard let signature = Hexadecimal.bytes(digits), signature.count == 32 else { throw malformed }

        let time = try Self.time(of: request, now: now, maximumSkew: maximumSkew)
        guard time.day == scope.day else {
            throw malformed.with(
                message: "The authorization header is malformed; Invalid credential date \"\(scope.day)\". This date is not the same as "
                    + "X-Amz-Date: \"\(time.day)\".")
        }
        guard let payloadText = request.headers[.amzContentSHA256] else {
            throw .invalidRequest.with(message: "Missing required header for this request: x-amz-content-sha256")
        }
        self.init(
            accessKey: accessKey, scope: scope, payload: try PayloadMode(header: payloadText), payloadText: payloadText,
            isPresigned: false, time: time, expires: nil, sessionToken: request.headers[.amzSecurityToken],
            signedHeaders: try Self.signedHeaders(signed, otherwise: malformed), signature: signature)
    }

    /// Signature Version 2 (`AWS key:signature`) is refused; it signs less and by SHA-1.
    private static func requireVersion4(_ algorithm: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) throws(S3Error) {
        if algorithm.elementsEqual("AWS4-HMAC-SHA256".utf8) { return }
        switch String(decoding: algorithm, as: UTF8.self) {
        case "AWS" where rest.contains(UInt8(ascii: ":")):
            throw .invalidRequest.with(
                message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
        case "AWS":
            throw .invalidArgument.with(message: "AWS authorization header is invalid. Expected AwsAccessKeyId:signature")
        case "AWS4-ECDSA-P256-SHA256":
            throw .notImplemented.with(message: "Signature Version 4A is not implemented. Please use AWS4-HMAC-SHA256.")
        default:
            throw .invalidArgument.with(message: "Unsupported Authorization Type").with(field: "ArgumentName", "Authorization")
        }
    }

    /// `x-amz-date`, or else `Date`.
    private static func time(of request: SignedRequest, now: Date, maximumSkew: TimeInterval) throws(S3Error) -> AmzDate {
        guard let text = request.headers[.amzDate] ?? request.headers[.date], let time = AmzDate(text), time.seconds >= 0 else {
            throw .accessDenied.with(message: "AWS authentication requires a valid Date or x-amz-date header")
        }
        guard abs(time.date.timeIntervalSince(now)) <= maximumSkew else {
            throw .requestTimeTooSkewed.with(field: "RequestTime", text).with(field: "ServerTime", AmzDate(now).text)
                .with(field: "MaxAllowedSkewMilliseconds", String(Int(maximumSkew * 1000)))
        }
        return time
    }

    static func signedHeaders(_ text: ArraySlice<UInt8>, otherwise malformed: S3Error) throws(S3Error) -> [String] {
        guard text.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw malformed }
        var names: [String] = []
        names.reserveCapacity(8)
        var next = text.startIndex
        while next <= text.endIndex {
            let end = text[next...].firstIndex(of: UInt8(ascii: ";")) ?? text.endIndex
            guard end > next, names.count < 128 else { throw malformed }
            let name = text[next..<end]
            let hasCapitals = name.contains { (0x41...0x5A).contains($0) }
            names.append(
                hasCapitals ? String(decoding: name, as: UTF8.self).lowercased() : String(decoding: name, as: UTF8.self))
            next = end + 1
        }
        return names
    }
}
