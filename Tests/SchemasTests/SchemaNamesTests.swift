import Foundation
import TestSupport
import Testing

/// A named schema stands once in a document: two of one name would be one of them for both.
@Suite struct SchemaNamesTests {
    @Test func noTwoSchemasOfTheProgramHaveOneName() throws {
        let sources = Executables.packageRoot + "/Sources"
        var places: [String: [String]] = [:]
        for case let name as String in try #require(FileManager.default.enumerator(atPath: sources)) where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: sources + "/" + name, encoding: .utf8)
            for match in text.matches(of: /\.named\("([A-Za-z]+)"\)/) { places[String(match.1), default: []].append(name) }
        }
        #expect(places.count > 20)
        for (name, files) in places where files.count > 1 { Issue.record("\(name): \(files.sorted().joined(separator: ", "))") }
    }
}
