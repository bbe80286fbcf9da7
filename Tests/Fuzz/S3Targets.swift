import Foundation
import HTTPTypes
import NIOCore
import S3Wire

extension FuzzTarget {
    static let s3 = [s3XML, s3Authorization, s3Chunks, s3Policy]

    /// What was read is written and read again as the same.
    private static let s3XML = FuzzTarget(
        name: "s3-xml",
        seeds: texts(
            "<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&amp;b</Key></Object></Delete>",
            "<A xmlns:x='u'><!-- c --><x:B x:t=\"1\">&#xf1;<![CDATA[<>]]></x:B><C/></A>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        words: [
            "<a>", "</a>", "<a/>", "&#x", "&#1114111;", "&amp;", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE", "xmlns:", "='",
            "\r\n",
        ]
    ) { input in
        do {
            let element = try XMLElement(parsing: ByteBuffer(bytes: input), limits: XMLLimits(size: 1 << 20, depth: 16, count: 1000))
            var xml = XMLWriter(root: "root", namespace: false)
            xml.append(element)
            let again = try XMLElement(parsing: xml.finish(), limits: XMLLimits(depth: 17))
            guard again.children.count == 1, inOrder(again.children[0]) == inOrder(element) else {
                throw Contradiction("\(element) is read back as \(again)")
            }
            return kind("\(element.children.count) \(element.attributes.count) \(element.text.isEmpty)")
        } catch let error as XMLError {
            return kind("\(error)".prefix(9).description)
        }
    }

    /// Text is written before children, so that the text of an element is compared as a whole; names that read as declarations are gone.
    private static func inOrder(_ element: XMLElement) -> XMLElement {
        XMLElement(
            element.name, text: element.text, attributes: element.attributes.filter { $0.key != "xmlns" },
            children: element.children.map(inOrder))
    }

    /// The first line is the header, the second the query, the third the path: nothing that nobody signed is accepted.
    private static let s3Authorization = FuzzTarget(
        name: "s3-authorization",
        seeds: texts(
            "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature="
                + String(repeating: "0", count: 64) + "\nacl&a=b\n/b/k%20\n20130524T000000Z",
            "\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                + "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + String(repeating: "0", count: 64) + "\n/b/k\n",
            "AWS AKID:x\n\n/\nFri, 24 May 2013 00:00:00 GMT"),
        words: [
            "Credential=", "SignedHeaders=", "Signature=", ",", ";", "/", "%", "%2F", "X-Amz-Expires=", "&", "=", "host", "aws4_request",
            "AWS4",
        ]
    ) { input in
        let lines = String(decoding: input, as: UTF8.self).split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        let line = { lines.count > $0 ? lines[$0] : "" }
        var headers = HTTPFields()
        if !line(0).isEmpty { headers[.authorization] = line(0) }
        if !line(3).isEmpty { headers[HTTPField.Name("x-amz-date")!] = line(3) }
        headers[HTTPField.Name("x-amz-content-sha256")!] = "UNSIGNED-PAYLOAD"
        let request = SignedRequest(method: "GET", path: line(2), query: line(1), headers: headers, authority: "x")
        do {
            guard let authorization = try S3Authorization.parse(request, now: Date(timeIntervalSince1970: 1_369_353_600)) else { return 1 }
            _ = try authorization.verify(request, secret: "secret", keys: SigningKeyCache())
            throw Contradiction("it is signed")
        } catch let error as S3Error {
            _ = error.body(requestID: "1", resource: request.path)
            return kind(error.code + error.message.prefix(40))
        }
    }

    /// The same body in one piece and in pieces means the same.
    private static let s3Chunks = FuzzTarget(
        name: "s3-chunks",
        seeds: texts(
            "\u{5}3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "\u{1}0\r\n\r\n",
            "\u{7}3;chunk-signature=\(String(repeating: "0", count: 64))\r\nabc\r\n"),
        words: [
            "\r\n", "\n", "0\r\n", ";chunk-signature=", "x-amz-checksum-crc32:", "x-amz-trailer-signature:", "ffffffffffffffff",
            "7fffffffffffffff",
        ]
    ) { input in
        guard let first = input.first else { return 0 }
        let body = Array(input.dropFirst())
        let whole = chunks(body, by: body.count)
        let pieces = chunks(body, by: Int(first % 16) + 1)
        guard whole == pieces else { throw Contradiction("in one piece \(whole), in pieces \(pieces)") }
        return kind(String(whole.prefix(30)))
    }

    private static func chunks(_ body: [UInt8], by size: Int) -> String {
        var data: [UInt8] = []
        do {
            var decoder = try ChunkedBodyDecoder(
                mode: .streaming(signed: false, trailer: true), signing: nil, decodedLength: nil,
                trailerNames: [HTTPField.Name("x-amz-checksum-crc32")!])
            for start in stride(from: 0, to: body.count, by: max(1, size)) {
                var piece = ByteBuffer(bytes: body[start..<min(body.count, start + max(1, size))])
                while let bytes = try decoder.decode(&piece) { data += bytes.readableBytesView }
            }
            let trailers = try decoder.finish()
            return "finished \(trailers.count) \(data)"
        } catch { return "\(error.code) \(data)" }
    }

    private static let s3Policy = FuzzTarget(
        name: "s3-policy",
        seeds: texts(
            #"{"expiration": "2030-05-25T00:00:00.000Z", "conditions": [{"bucket": "b"}, ["starts-with", "$key", "u/"], ["content-length-range", 1, 9]]}"#,
            #"{"expiration": "2030-05-25T00:00:00Z", "conditions": [["eq", "$key", "u/x"], {"acl": "private"}]}"#, "{}"),
        words: [
            "\"conditions\":", "[\"eq\",", "\"$key\"", "[[[[[[", "{\"a\":", "null", "1e308", "-1", "9223372036854775807", "\\u0000",
            "content-length-range",
        ]
    ) { input in
        do {
            let policy = try PostPolicy(base64: Data(input).base64EncodedString())
            try policy.check(
                fields: [(name: "key", value: "u/x"), (name: "acl", value: "private")], contentLength: 5, bucket: "b",
                now: Date(timeIntervalSince1970: 1_369_353_600))
            return 1
        } catch let error as S3Error { return kind(error.code + error.message.prefix(40)) }
    }
}
