import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct TagSetTests {
    private func code(_ query: String) -> String? {
        do {
            _ = try TagSet(query: query)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func tagsComeAsAQuerySorted() throws {
        let set = try TagSet(query: "foo=bar&bar&caf%C3%A9=con+leche")
        #expect(
            set.tags
                == [ObjectTag(key: "bar", value: ""), ObjectTag(key: "café", value: "con leche"), ObjectTag(key: "foo", value: "bar")])
        #expect(try TagSet(query: "").tags.isEmpty)
    }

    @Test func tagsHaveTheirLimits() {
        #expect(code((0..<10).map { "k\($0)=v" }.joined(separator: "&")) == nil)
        #expect(code((0..<11).map { "k\($0)=v" }.joined(separator: "&")) == "InvalidTag")
        #expect(code(String(repeating: "k", count: 128) + "=" + String(repeating: "v", count: 256)) == nil)
        #expect(code(String(repeating: "k", count: 129) + "=v") == "InvalidTag")
        #expect(code("k=" + String(repeating: "v", count: 257)) == "InvalidTag")
        #expect(code("k=a&k=b") == "InvalidTag")
        #expect(code("aws:k=a") == "InvalidTag")
        #expect(code("=a") == "InvalidTag")
        #expect(code("k=%0A") == "InvalidTag")
        #expect(code("k=%3Cb%3E") == "InvalidTag")
        #expect(code("k=%ZZ") == "InvalidArgument")
    }
}
