import Foundation
import Schemas
import Testing
import TestSupport

@Suite struct JSONSchemaTests {
    private static let person = JSONSchema.object(
        .required("name", .string(1...10)), .optional("age", .integer(0...150).nullable), .optional("mail", .string(format: .email)),
        .optional("role", .choice(["Consumer", "Specialist"])), .optional("tags", .array(.string(1...5), count: 0...2)),
        .optional("price", .string(format: .decimal)), .optional("weight", .number(0, 1000)), .optional("id", .uuid),
        .optional("born", .string(format: .date)), .optional("seen", .dateTime), .optional("site", .string(format: .uri)),
        .optional("ok", .boolean),
        .optional(
            "home", JSONSchema.closed(.required("lat", .number(-90, 90)), .required("lon", .number(-180, 180))).named("Place").nullable),
        .optional("plate", .string(3...7, matching: .init("^[A-Z]{3}[0-9]{3}$", or: "Three letters and three digits."))),
        .optional("key", .verbatim(1...4)), .optional("secret", .string(1...10, format: .password)),
        .optional("left", .dateTime.nullable), .optional("labels", .map(.string(0...3), names: .verbatim(1...2))),
        .optional("names", .map(.string(0...3))), .optional("either", .oneOf(.integer(), .string()))
    ).named("Person")

    private func problems(_ text: String, _ schema: JSONSchema = person) throws -> [String: [SchemaProblem]] {
        schema.problems(of: try JSONValue(parsing: Data(text.utf8)))
    }

    @Test func saysWhatIsWrongByThePathOfTheMember() throws {
        #expect(try problems("{}") == ["name": [.required]])
        #expect(try problems(#"{"name":""}"#) == ["name": [.blank]])
        #expect(try problems(#"{"name":"   "}"#) == ["name": [.blank]])
        #expect(try problems(#"{"name":null}"#) == ["name": [.null]])
        #expect(try problems(#"{"name":"12345678901"}"#) == ["name": [.tooLong(10)]])
        #expect(try problems(#"{"name":5}"#) == ["name": [.notString]])
        #expect(try problems(#"{"name":"a\u0000"}"#) == ["name": [.nullCharacters]])
        #expect(try problems(#"{"name":"a","age":"x"}"#) == ["age": [.notInteger]])
        #expect(try problems(#"{"name":"a","age":1.5}"#) == ["age": [.notInteger]])
        #expect(try problems(#"{"name":"a","age":151}"#) == ["age": [.tooLarge("150")]])
        #expect(try problems(#"{"name":"a","age":99999999999999999999}"#) == ["age": [.tooLarge("150")]])
        #expect(try problems(#"{"name":"a","age":-1}"#) == ["age": [.tooSmall("0")]])
        #expect(try problems(#"{"name":"a","role":"King"}"#) == ["role": [.invalidChoice("King")]])
        #expect(try problems(#"{"name":"a","tags":["x","toolong","y"]}"#) == ["tags": [.tooMany(2)]])
        #expect(try problems(#"{"name":"a","tags":["x","toolong"]}"#) == ["tags.1": [.tooLong(5)]])
        #expect(
            try problems(#"{"name":"a","home":{"lat":91,"x":1}}"#) == [
                "home.lat": [.tooLarge("90")], "home.lon": [.required], "home.x": [.notExpected],
            ])
        #expect(try problems(#"{"name":"a","either":true}"#) == ["either": [.noMatch]])
        #expect(try problems("[]") == ["": [.notObject]])
        #expect(try problems(#"{"name":"a","plate":"abc123"}"#) == ["plate": [.invalidForm("Three letters and three digits.")]])
        #expect(try problems(#"{"name":"a","plate":"ABC123\n"}"#) == ["plate": [.invalidForm("Three letters and three digits.")]])
        #expect(try problems(#"{"name":"a","plate":"AB"}"#) == ["plate": [.tooShort(3)]])
        #expect(try problems(#"{"name":"a","key":"  "}"#) == [:])
        #expect(try problems(#"{"name":"a","key":""}"#) == ["key": [.blank]])
        #expect(try problems(#"{"name":"a","secret":"  "}"#) == ["secret": [.blank]])
        #expect(try problems(#"{"name":"a","labels":{"toolong":"x","also-too-long":"y"}}"#) == ["labels": [.tooLong(2)]])
        #expect(try problems(#"{"name":"a","labels":{"ok":"toolong"}}"#) == ["labels.ok": [.tooLong(3)]])
    }

    @Test func letsNullAndUnknownMembersThroughWhereTheyMayBe() throws {
        #expect(try problems(#"{"name":"a","age":null,"home":null,"unknown":1}"#) == [:])
    }

    @Test func aPartialObjectRequiresNothing() throws {
        #expect(try problems("{}", Self.person.partial) == [:])
        #expect(try problems(#"{"name":""}"#, Self.person.partial) == ["name": [.blank]])
    }

    @Test func aHostileBodyGetsABoundedAnswer() throws {
        let text = "[" + Array(repeating: "1", count: 5000).joined(separator: ",") + "]"
        #expect(try problems(text, .array(.string())).count == 100)
    }

    /// The document that describes a schema must mean what the schema checks: a JSON Schema validator is asked about the same values.
    @Test func aValidatorThatReadsTheDocumentJudgesAlike() async throws {
        let values = [
            "{}", "[]", "null", "5", #"{"name":""}"#, #"{"name":"a"}"#, #"{"name":null}"#, #"{"name":"12345678901"}"#,
            #"{"name":"ñandúes🐄🐄"}"#,
            #"{"name":5}"#, #"{"name":"a","age":null}"#, #"{"name":"a","age":1.0}"#, #"{"name":"a","age":1.5}"#,
            #"{"name":"a","age":true}"#,
            #"{"name":"a","age":150}"#, #"{"name":"a","age":151}"#, #"{"name":"a","role":"Specialist"}"#,
            #"{"name":"a","role":"specialist"}"#,
            #"{"name":"a","role":null}"#, #"{"name":"a","tags":[]}"#, #"{"name":"a","tags":["a","b"]}"#,
            #"{"name":"a","tags":["a","b","c"]}"#,
            #"{"name":"a","tags":[""]}"#, #"{"name":"a","tags":{}}"#, #"{"name":"a","price":"12.50"}"#, #"{"name":"a","price":"12."}"#,
            #"{"name":"a","price":"-1"}"#, #"{"name":"a","price":"1e5"}"#, #"{"name":"a","price":12.5}"#, #"{"name":"a","weight":0}"#,
            #"{"name":"a","weight":1000.01}"#, #"{"name":"a","weight":-0.1}"#, #"{"name":"a","ok":1}"#, #"{"name":"a","ok":false}"#,
            #"{"name":"a","home":{"lat":1,"lon":2}}"#, #"{"name":"a","home":{"lat":1}}"#, #"{"name":"a","home":{"lat":1,"lon":2,"x":3}}"#,
            #"{"name":"a","home":null}"#, #"{"name":"a","home":5}"#, #"{"name":"a","names":{"x":"abc"}}"#,
            #"{"name":"a","names":{"x":"abcd"}}"#,
            #"{"name":"a","either":1}"#, #"{"name":"a","either":"x"}"#, #"{"name":"a","either":[]}"#, #"{"name":"a","born":"2026-11-24"}"#,
            #"{"name":"a","born":"2026-02-30"}"#, #"{"name":"a","born":"24.11.2026"}"#,
            #"{"name":"a","id":"0190b6a3-7b5c-7def-8123-456789abcdef"}"#,
            #"{"name":"a","id":"x"}"#, #"{"name":"a","seen":"2026-11-24T08:00:00Z"}"#,
            #"{"name":"a","seen":"2026-11-24T08:00:00.250+01:00"}"#,
            #"{"name":"a","seen":"yesterday"}"#, #"{"name":"a","seen":"2026-02-30T08:00:00Z"}"#, #"{"name":"a","mail":"ana@example.org"}"#,
            #"{"name":"a","mail":"ana"}"#, #"{"name":"   "}"#, #"{"name":" x "}"#, #"{"name":"\u00a0"}"#, #"{"name":"a","plate":"ABC123"}"#,
            #"{"name":"a","plate":"ABC12"}"#, #"{"name":"a","plate":"xABC123"}"#, #"{"name":"a","key":" "}"#, #"{"name":"a","key":""}"#,
            #"{"name":"a","secret":"  "}"#, #"{"name":"a","secret":" x"}"#, #"{"name":"a","left":null}"#, #"{"name":"a","left":""}"#,
            #"{"name":"a","left":"2026-11-24T08:00:00Z"}"#, #"{"name":"a","labels":{}}"#, #"{"name":"a","labels":{"ab":"x"}}"#,
            #"{"name":"a","labels":{"abc":"x"}}"#, #"{"name":"a","labels":{"":"x"}}"#, #"{"name":"a","labels":{"ab":"long"}}"#,
            #"{"name":"a","weight":1e300}"#, #"{"name":"a","weight":1e-300}"#, #"{"name":"a","other":-1e300}"#,
        ]
        let ours = try values.map { Self.person.accepts(try JSONValue(parsing: Data($0.utf8))) ? "1" : "0" }.joined()
        let program = """
            import json, sys, jsonschema
            schema, values = json.load(open(sys.argv[1]))
            validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            jsonschema.Draft202012Validator.check_schema(schema)
            print("".join("1" if validator.is_valid(json.loads(value)) else "0" for value in values))
            """
        let python = try await PythonEnvironment.interpreter(with: ["jsonschema[format]==4.26.0"])
        let input = JSONValue.array([Self.person.standalone, .array(values.map { .string($0) })]).json
        let folder = try TemporaryFolder()
        try Data(input.utf8).write(to: URL(fileURLWithPath: folder.path + "/input"))
        let result = try await ChildProcess.run(python, ["-c", program, folder.path + "/input"])
        #expect(result.status == 0, "\(result.errors)")
        let theirs = result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        for (index, value) in values.enumerated() where Array(ours)[index] != Array(theirs)[index] {
            Issue.record("\(value): we say \(Array(ours)[index]), the validator says \(Array(theirs)[index])")
        }
        #expect(ours.contains("0") && ours.contains("1"))
    }
}
