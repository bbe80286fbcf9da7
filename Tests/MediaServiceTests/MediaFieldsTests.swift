import Foundation
import MediaService
import Testing
import WebAPI

@Suite struct MediaFieldsTests {
    @Test func whatWasNotSaidStaysUnsaid() throws {
        let fields = try MediaFields(json: Data(#"{"title": "  Vaca  "}"#.utf8))
        #expect(fields.title == "Vaca")
        #expect(fields.alt == nil)
        #expect(fields.visibility == nil)
    }

    @Test func unknownMembersAreIgnoredAsDjangoRESTFrameworkDoes() throws {
        #expect(try MediaFields(json: Data(#"{"id": 5, "owner": {"x": []}}"#.utf8)) == MediaFields(form: [:]))
    }

    @Test func everyWrongFieldIsNamedAtOnce() {
        let error = #expect(throws: APIError.self) {
            try MediaFields(json: Data("{\"title\": 1, \"alt\": null, \"visibility\": \"x\", \"purpose\": \"a\\u0000b\"}".utf8))
        }
        #expect(error?.fields.keys.sorted() == ["alt", "purpose", "title", "visibility"])
    }

    @Test(arguments: ["", "[]", "5", "{", "\"x\""])
    func aBodyThatIsNoObjectIsAParseError(_ text: String) {
        let error = #expect(throws: APIError.self) { try MediaFields(json: Data(text.utf8)) }
        #expect(error?.code == "parse_error")
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
