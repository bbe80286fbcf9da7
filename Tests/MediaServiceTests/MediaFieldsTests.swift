import Foundation
import MediaService
import Schemas
import Testing
import WebAPI

@Suite struct MediaFieldsTests {
    private func fields(_ json: String) throws -> MediaFields { try MediaFields(checking: try JSONValue(parsing: Data(json.utf8))) }

    @Test func whatWasNotSaidStaysUnsaid() throws {
        let fields = try fields(#"{"title": "  Vaca  "}"#)
        #expect(fields.title == "Vaca")
        #expect(fields.alt == nil)
        #expect(fields.visibility == nil)
    }

    @Test func unknownMembersAreIgnoredAsDjangoRESTFrameworkDoes() throws {
        #expect(try fields(#"{"id": 5, "owner": {"x": []}}"#) == MediaFields(form: [:]))
    }

    @Test func everyWrongFieldIsNamedAtOnce() {
        let error = #expect(throws: APIError.self) {
            try fields("{\"title\": 1, \"alt\": null, \"visibility\": \"x\", \"purpose\": \"a\\u0000b\"}")
        }
        #expect(error?.fields.keys.sorted() == ["alt", "purpose", "title", "visibility"])
    }

    @Test(arguments: ["[]", "5", "\"x\""])
    func aBodyThatIsNoObjectIsWrongAsAWhole(_ text: String) {
        let error = #expect(throws: APIError.self) { try fields(text) }
        #expect(error?.fields == ["non_field_errors": ["Invalid data. Expected a dictionary."]])
    }

    @Test func aFormIsCheckedAsABodyIs() throws {
        #expect(try MediaFields(form: ["visibility": " private ", "title": " Vaca "]).visibility == .private)
        let error = #expect(throws: APIError.self) {
            try MediaFields(form: ["visibility": "x", "title": String(repeating: "x", count: 201)])
        }
        #expect(error?.fields.keys.sorted() == ["title", "visibility"])
    }

    @Test(arguments: [
        "", "nonsense", "018f0000-0000-7000-8000-00000000000", "018f0000-0000-7000-8000-0000000000000",
        "018f0000x0000-7000-8000-000000000000",
    ])
    func onlyAUUIDIsAMediaID(_ text: String) {
        #expect(MediaID(text) == nil)
    }

    @Test func aMediaIDIsLowerCase() {
        #expect(MediaID("018F0000-0000-7000-8000-00000000ABCD")?.description == "018f0000-0000-7000-8000-00000000abcd")
    }
}
