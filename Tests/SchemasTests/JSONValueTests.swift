import Foundation
import Schemas
import Testing

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Data(text.utf8)) }

    @Test func readsEveryKindOfValue() throws {
        let value = try parse(#"{"a":[1,-2.50,true,false,null,"é\u0000\n"],"b":{}}"#)
        #expect(value["a"]?.elements == [1, .number(Decimal(string: "-2.5")!), true, false, .null, "é\u{0}\n"])
        #expect(value["b"] == .object([:]))
        #expect(try parse("1") == 1)
    }

    @Test func keepsAmountsAsTheyWereWritten() throws {
        for text in ["0.1", "19.99", "1234567890123.45", "0.000001"] {
            #expect(try parse(text).number == Decimal(string: text))
        }
    }

    @Test func tellsWholeNumbersFromOthers() throws {
        #expect(try parse("12").integer == 12)
        #expect(try parse("12.0").integer == 12)
        #expect(try parse("1e3").integer == 1000)
        #expect(try parse("12.5").integer == nil)
        #expect(try parse("\"12\"").integer == nil)
        #expect(try parse("9223372036854775807").integer == .max)
        #expect(try parse("9223372036854775808").integer == nil)
        #expect(try parse("-9223372036854775809").integer == nil)
        #expect(try parse("18446744073709551617").integer == nil)
    }

    @Test func aNumberBeyondDecimalsIsTheNearestThereIs() throws {
        #expect(try parse("1e300").number == Decimal.greatestFiniteMagnitude)
        #expect(try parse("-1e300").number == -Decimal.greatestFiniteMagnitude)
        #expect(try parse("1e-300").number == 0)
        #expect(try parse("1e300").integer == nil)
        // What is not asked for spoils nothing.
        #expect(try parse(#"{"a":1e300,"b":"x"}"#)["b"] == "x")
    }

    @Test(arguments: ["", "{", "nul", "{\"a\":}", "01", "\"\u{0}", "1e999999", "[1 2]", "'a'"])
    func refusesWhatIsNoJSON(text: String) {
        #expect(throws: JSONValue.ParseError.self) { try JSONValue(parsing: Data(text.utf8)) }
    }

    @Test func refusesWhatIsNestedWithoutEnd() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONValue.ParseError.self) { try JSONValue(parsing: Data(text.utf8)) }
    }

    /// What a decoder of any kind of value would be busy with for hours.
    @Test func takesTimeByLengthAlone() throws {
        let nested =
            String(repeating: "[", count: 400) + Array(repeating: "[]", count: 300_000).joined(separator: ",")
            + String(repeating: "]", count: 400)
        #expect(try parse(nested).elements.count == 1)
        let text = String(repeating: "[", count: 501) + String(repeating: "]", count: 501)
        #expect(throws: JSONValue.ParseError.self) { try parse(text) }
        #expect(try parse(String(text.dropFirst().dropLast())).elements.count == 1)
    }

    @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0x0A, 0x22]] as [[UInt8]]) func refusesWhatIsNoText(_ bytes: [UInt8]) {
        #expect(throws: JSONValue.ParseError.self) { try JSONValue(parsing: Data(bytes)) }
    }

    @Test(arguments: [#""\ud83d""#, #""\ude00""#, #""\ud83dx""#, #""\u12g4""#, #""\x""#, "1.", ".5", "+1", "1e", "-", "[1,]", #"{"a":1,}"#])
    func refusesWhatOnlyLooksLikeIt(_ text: String) {
        #expect(throws: JSONValue.ParseError.self) { try parse(text) }
    }

    @Test func escapesStandForTheirCharacters() throws {
        #expect(try parse(#""\ud83d\ude00\/\b\f\t\u00f1""#) == "😀/\u{8}\u{C}\tñ")
        #expect(try JSONValue(parsing: Data([0xEF, 0xBB, 0xBF] + Array("{}".utf8))) == .object([:]))
    }

    @Test func writesWhatItReads() throws {
        let text = #"{"a":[1,-2.5,true,null,"\"\\ü\n"],"b":{"c":0}}"#
        #expect(try parse(text).json == text)
    }
}
