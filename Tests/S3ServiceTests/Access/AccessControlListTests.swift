import HTTPTypes
import NIOCore
import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct AccessControlListTests {
    private let reading = GrantReading(
        users: UserDirectory(
            exists: { ["ana", "ben"].contains($0) }, named: { $0.lowercased() == "ben@example.com" ? "ben" : nil }))

    private func document(_ grants: String, owner: String = "ana") throws -> XMLElement {
        try Sample.xml(
            """
            <AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>\(owner)</ID></Owner>\
            <AccessControlList>\(grants)</AccessControlList></AccessControlPolicy>
            """)
    }

    private func grant(_ type: String, _ inside: String, _ permission: String = "READ") -> String {
        """
        <Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="\(type)">\(inside)</Grantee>\
        <Permission>\(permission)</Permission></Grant>
        """
    }

    private func code(_ work: () async throws -> Void) async -> String? {
        do {
            try await work()
            return nil
        } catch {
            return (error as? S3Error)?.code
        }
    }

    @Test func aListIsReadFromXMLAndWrittenBack() async throws {
        let xml = try document(
            grant("CanonicalUser", "<ID>ana</ID><DisplayName>Ana</DisplayName>", "FULL_CONTROL")
                + grant("Group", "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>")
                + grant("AmazonCustomerByEmail", "<EmailAddress>BEN@example.com</EmailAddress>", "WRITE_ACP"))
        let (owner, list) = try await reading.list(xml: xml)
        #expect(owner == "ana")
        #expect(
            list
                == AccessControlList(grants: [
                    .init(.user("ana"), .fullControl), .init(.group(.allUsers), .read), .init(.user("ben"), .writeACP),
                ]))
        #expect(list.isPublic)
        let again = try await reading.list(xml: try XMLElement(parsing: list.xml(owner: "ana")))
        #expect(again.owner == "ana")
        #expect(Set(again.list.grants) == Set(list.grants))
        #expect(again.list.grants.first == .init(.group(.allUsers), .read), "groups stand first")
        let empty = try await reading.list(xml: try document(""))
        #expect(empty.list.grants.isEmpty)
    }

    @Test func whoIsNotThereGetsNothing() async throws {
        let bad: [(String, String)] = [
            (grant("CanonicalUser", "<ID>eva</ID>"), "InvalidArgument"),
            (grant("AmazonCustomerByEmail", "<EmailAddress>eva@example.com</EmailAddress>"), "UnresolvableGrantByEmailAddress"),
            (grant("Group", "<URI>http://acs.amazonaws.com/groups/global/Farmers</URI>"), "InvalidArgument"),
            (grant("CanonicalUser", "<ID>ana</ID>", "OWN"), "MalformedACLError"),
            (grant("Group", "<ID>ana</ID>"), "MalformedACLError"),
            ("<Gift/>", "MalformedACLError"),
            (String(repeating: grant("CanonicalUser", "<ID>ana</ID>"), count: 101), "MalformedACLError"),
        ]
        for (grants, expected) in bad {
            #expect(await code { _ = try await reading.list(xml: try document(grants)) } == expected, "\(grants.prefix(200))")
        }
        #expect(await code { _ = try await reading.list(xml: try Sample.xml("<AccessControlPolicy/>")) } == "MalformedACLError")
    }

    @Test func headersAskForAListByNameOrGrantByGrant() async throws {
        func fields(_ pairs: (String, String)...) -> HTTPFields {
            var fields: HTTPFields = [:]
            for (name, value) in pairs { fields[HTTPField.Name(name)!] = value }
            return fields
        }
        #expect(try await reading.wish([:]) == .none)
        #expect(try await reading.wish(fields(("x-amz-acl", "public-read"))) == .canned(.publicRead))
        let grants = fields(
            ("x-amz-grant-full-control", "id=\"ana\""),
            ("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AuthenticatedUsers\", emailAddress=ben@example.com"))
        #expect(
            try await reading.wish(grants)
                == .grants(
                    AccessControlList(grants: [
                        .init(.group(.authenticatedUsers), .read), .init(.user("ben"), .read), .init(.user("ana"), .fullControl),
                    ])))
        #expect(try await reading.wish([:], parameters: [("x-amz-acl", "private")]) == .canned(.private))
        #expect(await code { _ = try await reading.wish(fields(("x-amz-acl", "open"))) } == "InvalidArgument")
        #expect(await code { _ = try await reading.wish(fields(("x-amz-grant-read", "ana"))) } == "InvalidArgument")
        #expect(await code { _ = try await reading.wish(fields(("x-amz-grant-read", "id=eva"))) } == "InvalidArgument")
        let both = fields(("x-amz-acl", "private"), ("x-amz-grant-read", "id=ana"))
        #expect(await code { _ = try await reading.wish(both) } == "InvalidRequest")
    }

    @Test func ownershipDecidesWhoseANewObjectIs() throws {
        let access = NewObjectAccess(documents: DocumentCache())
        func bucket(_ ownership: String) -> Bucket {
            Sample.bucket([
                "ownership": "<OwnershipControls><Rule><ObjectOwnership>\(ownership)</ObjectOwnership></Rule></OwnershipControls>"
            ])
        }
        let writer = try access.object(.none, by: "ben", in: Sample.bucket())
        #expect(writer.owner == "ben" && writer.acl == nil)
        #expect(try access.object(.none, by: nil, in: Sample.bucket()).owner == AccessDecider.anonymousOwner)
        #expect(try access.object(.canned(.bucketOwnerFullControl), by: "ben", in: bucket("ObjectWriter")).owner == "ben")
        #expect(try access.object(.canned(.bucketOwnerFullControl), by: "ben", in: bucket("BucketOwnerPreferred")).owner == "ana")
        #expect(try access.object(.canned(.private), by: "ben", in: bucket("BucketOwnerPreferred")).owner == "ben")
        #expect(try access.object(.none, by: "ben", in: bucket("BucketOwnerEnforced")).owner == "ana")
        #expect(try access.object(.canned(.bucketOwnerFullControl), by: "ben", in: bucket("BucketOwnerEnforced")).owner == "ana")
        let refused = #expect(throws: S3Error.self) { try access.object(.canned(.private), by: "ben", in: bucket("BucketOwnerEnforced")) }
        #expect(refused?.code == "AccessControlListNotSupported")
    }

    @Test func publicListsCanBeBlocked() {
        let access = NewObjectAccess(documents: DocumentCache())
        let blocked = Sample.bucket([
            "public-access-block":
                "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"
        ])
        for canned in [CannedACL.publicRead, .publicReadWrite, .authenticatedRead] {
            #expect(throws: S3Error.accessDenied) { try access.object(.canned(canned), by: "ana", in: blocked) }
        }
        #expect(throws: Never.self) { try access.object(.canned(.private), by: "ana", in: blocked) }
    }

    @Test func aNewBucketGetsItsListItsOwnershipAndItsLock() throws {
        #expect(try NewObjectAccess.bucket(.none, owner: "ana", ownership: nil, hasObjectLock: false).isEmpty)
        let locked = try NewObjectAccess.bucket(.canned(.publicRead), owner: "ana", ownership: "ObjectWriter", hasObjectLock: true)
        #expect(Set(locked.keys) == ["acl", "ownership", "object-lock"])
        let clash = #expect(throws: S3Error.self) {
            try NewObjectAccess.bucket(.canned(.publicRead), owner: "ana", ownership: "BucketOwnerEnforced", hasObjectLock: false)
        }
        #expect(clash?.code == "InvalidBucketAclWithObjectOwnership")
        #expect(throws: S3Error.self) { try NewObjectAccess.bucket(.none, owner: "ana", ownership: "Mine", hasObjectLock: false) }
    }
}
