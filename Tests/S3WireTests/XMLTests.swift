import NIOCore
import S3Wire
import Testing

@Suite("XML that clients send") struct XMLReaderTests {
    private func parse(_ text: String, limits: XMLLimits = XMLLimits()) throws(XMLError) -> XMLElement {
        try XMLElement(parsing: ByteBuffer(string: text), limits: limits)
    }

    private func error(_ text: String, limits: XMLLimits = XMLLimits()) -> XMLError? {
        do {
            _ = try parse(text, limits: limits)
            return nil
        } catch { return error }
    }

    @Test("elements, attributes, references, CDATA and comments are read, namespaces left out")
    func document() throws {
        let root = try parse(
            """
            \u{FEFF}<?xml version='1.0' encoding="UTF-8" standalone="yes"?>
            <!-- a comment -->
            <s3:Policy xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>
              <s3:Grantee xsi:type="CanonicalUser" note='a "b" &lt;&#x41;'><ID>id</ID></s3:Grantee>
              <Key>a&amp;b&#241;&#xd;<![CDATA[<c> & d]]>e<!-- no --><?no?></Key ><Empty/><Empty />
            </s3:Policy>
            <?end?>
            """)
        #expect(root.name == "Policy")
        #expect(root.attributes.isEmpty)
        #expect(root["Grantee"]?.attributes == ["type": "CanonicalUser", "note": "a \"b\" <A"])
        #expect(root["Grantee"]?["ID"]?.text == "id")
        #expect(root["Key"]?.text == "a&bñ\r<c> & de")
        #expect(root.all("Empty").count == 2)
    }

    @Test("ends of lines are line feeds")
    func lines() throws {
        #expect(try parse("<a>1\r\n2\r3\n</a>").text == "1\n2\n3\n")
    }

    @Test(
        "what is not well-formed is refused",
        arguments: [
            "", " ", "a", "<", "<a", "<a>", "<a></b>", "<a></a", "<a></a>b", "<a></a><b></b>", "<a><b></a></b>", "</a>", "<a b></a>",
            "<a b=c></a>",
            "<a b=\"c></a>", "<a b=\"<\"></a>", "<a b='1' b='2'/>", "<a b='1'c='2'/>", "<1a/>", "<a:/>", "<:a/>", "<a:b:c/>", "<a>&</a>",
            "<a>&amp</a>",
            "<a>&nbsp;</a>", "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#99999999999;</a>", "<a>&#;</a>", "<a>&#x;</a>",
            "<a><!-- </a>", "<a><![CDATA[</a>", "<a><?x</a>", "<a>\u{1}</a>", "<a>\u{0}</a>", "< a/>", "<a / >", "<a/", "<a>]]</a",
        ])
    func malformed(text: String) throws {
        let refused = try #require(error(text))
        #expect(refused.s3 == .malformedXML)
    }

    @Test(
        "bytes that are no UTF-8 are refused, other encodings too",
        arguments: [
            [0x3C, 0x61, 0x3E, 0xFF, 0x3C, 0x2F, 0x61, 0x3E], [0xFE, 0xFF, 0x00, 0x3C], [0xFF, 0xFE, 0x3C, 0x00], [0x3C, 0xC3, 0x2F, 0x3E],
        ] as [[UInt8]])
    func encodings(bytes: [UInt8]) {
        #expect(throws: XMLError.self) { try XMLElement(parsing: ByteBuffer(bytes: bytes)) }
    }

    @Test(
        "a document type declaration is refused before anything of it is read: bombs, files and addresses stay where they are",
        arguments: [
            "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;\">]><a>&y;</a>",
            "<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><a>&f;</a>",
            "<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\"><a/>", "<!ENTITY x 'y'><a/>",
        ])
    func entities(text: String) {
        #expect(error(text) == .doctype)
    }

    @Test("size, depth and number of elements are bounded")
    func limits() {
        let deep = { String(repeating: "<a>", count: $0) + String(repeating: "</a>", count: $0) }
        #expect(error(deep(16)) == nil)
        #expect(error(deep(17)) == .tooLarge)
        // The stack stays whole however deep it is.
        #expect(error(deep(1_000_000), limits: XMLLimits(size: .max, count: .max)) == .tooLarge)
        let wide = { "<a>" + String(repeating: "<b/>", count: $0) + "</a>" }
        #expect(error(wide(99), limits: XMLLimits(count: 100)) == nil)
        #expect(error(wide(100), limits: XMLLimits(count: 100)) == .tooLarge)
        #expect(error("<a " + (0..<101).map { "x\($0)='' " }.joined() + "/>", limits: XMLLimits(count: 100)) == .tooLarge)
        #expect(error("<a>\(String(repeating: "x", count: 100))</a>", limits: XMLLimits(size: 106)) == .tooLarge)
        #expect(XMLError.tooLarge.s3.status == .badRequest)
    }

    @Test("the largest documents of S3 are read")
    func large() throws {
        let key = String(repeating: "&#xf1;", count: 512)
        let delete = "<Delete>" + String(repeating: "<Object><Key>\(key)</Key></Object>", count: 1000) + "</Delete>"
        #expect(try parse(delete).children.count == 1000)
        let part = "<Part><PartNumber>1</PartNumber><ETag>\"x\"</ETag><ChecksumCRC32>y</ChecksumCRC32></Part>"
        #expect(
            try parse("<CompleteMultipartUpload>" + String(repeating: part, count: 10_000) + "</CompleteMultipartUpload>").children.count
                == 10_000)
    }
}

@Suite("XML that is answered") struct XMLWriterTests {
    @Test("text is escaped as S3 does it")
    func escapes() {
        var xml = XMLWriter(root: "A")
        xml.element("Key", "a<b>&\"c\"'\t\n\r\u{1}\u{1F}ñ\u{FFFE}\u{FFFF}\u{FFFD}🐄")
        xml.element("Size", 42)
        xml.element("Truncated", false)
        xml.open("Empty")
        xml.close("Empty")
        #expect(
            String(buffer: xml.finish()) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <A xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Key>a&lt;b&gt;&amp;&quot;c&quot;'\t
                &#xd;&#x1;&#x1f;ñ&#xfffe;&#xffff;\u{FFFD}🐄</Key><Size>42</Size><Truncated>false</Truncated><Empty></Empty></A>
                """)
    }

    @Test("what is written is read again as the same")
    func roundTrip() throws {
        let element = XMLElement(
            "Grantee", text: "x & y", attributes: ["xsi:type": "Group", "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"],
            children: [XMLElement("URI", text: "\u{1}<&>\r\n\"")])
        var xml = XMLWriter(root: "Grants", namespace: false)
        xml.append(element)
        let read = try XMLElement(parsing: xml.finish())
        #expect(read.children == [XMLElement("Grantee", text: "x & y", attributes: ["type": "Group"], children: element.children)])
    }

    @Test("an error has its code, message, fields, resource and request id")
    func errors() throws {
        let error = S3Error.noSuchKey.with(field: "Key", "a<b").with(message: "There is none.").with(header: .retryAfter, "1")
        let body = try XMLElement(parsing: error.body(requestID: "R1", resource: "/bucket/a<b"))
        #expect(body.name == "Error")
        #expect(body.children.map(\.name) == ["Code", "Message", "Key", "Resource", "RequestId", "HostId"])
        #expect(body["Code"]?.text == "NoSuchKey")
        #expect(body["Message"]?.text == "There is none.")
        #expect(body["Key"]?.text == "a<b")
        #expect(body["RequestId"]?.text == "R1")
        #expect(error.status == .notFound)
        #expect(error.headers[.retryAfter] == "1")
        #expect(S3Error.noSuchKey.fields.isEmpty)
    }
}
