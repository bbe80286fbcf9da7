import Foundation
import MarketplaceService
import Persistence
import ProfilesService
import Schemas

/// What the services read of bodies and queries.
extension FuzzTarget {
    static let data = [bodies, amounts, hours, languages, searchWords]

    /// A value that was read is written and read again as the same, and a schema says something of it whatever it is.
    private static let bodies = FuzzTarget(
        name: "json-bodies",
        seeds: texts(
            #"{"title":"Vaca","price":"12.50","tags":["a",null,true],"at":"2026-11-27T14:00:00Z"}"#, "[[[[1]]]]", "1e127", "-0.000",
            #"{"a":"\ud83d\ude00"}"#),
        words: ["\"price\":", "{\"a\":", "[", "]", "1e-400", "1e400", "\\ud83d", "\\u0000", "null", "\u{FEFF}", "99999999999999999999"]
    ) { input in
        guard let value = try? JSONValue(parsing: Data(input)) else { return 0 }
        guard let again = try? JSONValue(parsing: Data(value.json.utf8)), again == value else {
            throw Contradiction("\(value.json) is not what was written")
        }
        let problems = schema.problems(of: value)
        return kind(problems.keys.sorted().joined(separator: " "))
    }

    private static let schema = JSONSchema.closed(
        .required("title", .string(1...40)), .optional("price", .oneOf(.string(format: .decimal), .number(0))),
        .optional("tags", .array(.string(0...5).nullable, count: 0...3)), .optional("at", .dateTime.nullable),
        .optional("place", .object(.required("lat", .number(-90)), .optional("id", .uuid))))

    /// An amount is exact or refused: `PRICE CURRENCY QUANTITY UNIT`.
    private static let amounts = FuzzTarget(
        name: "amounts", seeds: texts("12.50 USD 3 head", "0.333 KWD 10.333 kg", "1000000 JPY 1 piece", "-1 EUR 0 litre"),
        words: [" USD ", " CLP ", " BHD ", " kg", " dose", "e5", "e-3", "E+100", "99999999999999", ".", "-", "٣", "0x1F"]
    ) { input in
        let parts = String(decoding: input, as: UTF8.self).split(separator: " ").map(String.init)
        guard parts.count == 4, let currency = Currency(parts[1]), let unit = SaleUnit(rawValue: parts[3]),
            let price = Decimal(string: parts[0]), let number = Decimal(string: parts[2])
        else { return 0 }
        guard let money = Money(price, currency), let quantity = Quantity(number, unit) else { return 1 }
        guard Decimal(string: money.text) == price, Decimal(string: quantity.text) == number else {
            throw Contradiction("\(price) became \(money.text), \(number) became \(quantity.text)")
        }
        guard let total = money.times(quantity) else { return 2 }
        let exact = price * number
        let off = abs((Decimal(string: total.text) ?? -1) - exact)
        // Half of the smallest coin at most.
        guard off * 2 <= Decimal(sign: .plus, exponent: -currency.exponent, significand: 1) else {
            throw Contradiction("\(price) times \(number) became \(total.text)")
        }
        return kind("\(currency.exponent) \(total.text.count)")
    }

    /// Hours that were taken lie within the week, in order.
    private static let hours = FuzzTarget(
        name: "weekly-hours",
        seeds: texts(
            #"{"monday":[{"from":"08:30","to":"12:00"},{"from":"14:00","to":"18:00"}],"sunday":[{"from":"00:00","to":"24:00"}]}"#,
            #"{"friday":[{"from":"10:00","to":"09:00"}]}"#),
        words: ["\"tuesday\":[", "{\"from\":\"", "\",\"to\":\"", "24:00", "24:01", "٠٨:٣٠", "\"}]"]
    ) { input in
        guard let value = try? JSONValue(parsing: Data(input)) else { return 0 }
        var problems: [String: [String]] = [:]
        let hours = WeeklyHours(value, problems: &problems)
        guard problems.isEmpty else { return kind(problems.keys.sorted().joined(separator: " ")) }
        let isSound = hours.spans.allSatisfy { 0 <= $0.opens && $0.opens < $0.closes && $0.closes <= 7 * 1440 }
        guard isSound, zip(hours.spans, hours.spans.dropFirst()).allSatisfy({ $0.closes <= $1.opens }) else {
            throw Contradiction("\(hours.spans)")
        }
        return hours.spans.count
    }

    /// A tag in its recommended case is itself one, and the same.
    private static let languages = FuzzTarget(
        name: "language-tags", seeds: texts("es", "es-CO", "zh-Hant-TW", "qu", "de-1996", "en-GB-oxendict"),
        words: ["-", "-Latn", "-419", "-1abc", "ſ", "İ"]
    ) { input in
        guard let tag = LanguageTag(String(decoding: input, as: UTF8.self)) else { return 0 }
        guard LanguageTag(tag.text) == tag else { throw Contradiction(tag.text) }
        return tag.text.split(separator: "-").count
    }

    /// Words that were folded stay as they are when they are folded again, but for what looks like one more plural.
    private static let searchWords = FuzzTarget(
        name: "search-words", seeds: texts("Vacas lecheras, vacunación", "MOTORES veces ñandúes", "𝐟𝐮𝐥𝐥 ﬁne ½ №7"),
        words: ["es ", "ces", "ses", "\u{0301}", "ß", "İ", "ﷺ", "\u{1F1E8}\u{1F1F4}"]
    ) { input in
        let words = SearchIndex.fold(String(decoding: input, as: UTF8.self))
        for word in words {
            let again = SearchIndex.fold(word)
            guard again.allSatisfy({ $0.count <= word.count }), !word.contains(" ") else { throw Contradiction("\(word) became \(again)") }
        }
        return kind("\(min(words.count, 9)) \(words.map(\.count).max() ?? 0)")
    }
}
