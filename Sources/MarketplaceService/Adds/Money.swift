import Foundation
import Schemas

/// What a currency's amounts look like (ISO 4217).
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    public let code: String
    /// Decimal places of its minor unit.
    public let exponent: Int

    /// ISO 4217, currencies in circulation, by the places of their minor unit; two is what most have.
    private static let exponents: [Int: String] = [
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
        2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD \
        EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD \
        MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK \
        SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG
        """,
        3: "BHD IQD JOD KWD LYD OMR TND",
    ]
    private static let byCode: [String: Int] = {
        var all: [String: Int] = [:]
        for (exponent, codes) in exponents { for code in codes.split(separator: " ") { all[String(code)] = exponent } }
        return all
    }()

    /// Nil where there is no such currency.
    public init?(_ code: String) {
        guard let exponent = Self.byCode[code] else { return nil }
        self.code = code
        self.exponent = exponent
    }

    public var description: String { code }
    static var codes: [String] { byCode.keys.sorted() }
}

/// An amount of money, exact: a whole number of the currency's minor units.
public struct Money: Sendable, Hashable {
    /// At most: it is summed up with others in 64 bits.
    static let largest: Int64 = 100_000_000_000_000

    public let minorUnits: Int64
    public let currency: Currency

    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Nil where the amount is negative, too large, or finer than the currency.
    public init?(_ amount: Decimal, _ currency: Currency) {
        guard let units = Scaled.units(of: amount, places: currency.exponent), (0...Self.largest).contains(units) else { return nil }
        self.init(minorUnits: units, currency: currency)
    }

    /// As the API writes it, such as `12.50`.
    public var text: String { Scaled.text(minorUnits, places: currency.exponent) }

    /// The price of a quantity, rounded half up to the minor unit.
    /// - Returns: nil where it is too large.
    public func times(_ quantity: Quantity) -> Money? {
        let (product, overflows) = minorUnits.multipliedReportingOverflow(by: quantity.thousandths)
        guard !overflows else { return nil }
        let units = product / 1000 + (product % 1000 >= 500 ? 1 : 0)
        return units <= Self.largest ? Money(minorUnits: units, currency: currency) : nil
    }
}

/// How much of something: whole heads, litres and kilograms to the thousandth.
public struct Quantity: Sendable, Hashable {
    static let largest: Int64 = 1_000_000_000_000

    public let thousandths: Int64

    public init(thousandths: Int64) { self.thousandths = thousandths }

    /// Nil where the amount is negative, too large, or finer than the unit.
    public init?(_ amount: Decimal, _ unit: SaleUnit) {
        guard let units = Scaled.units(of: amount, places: unit.places), (0...Self.largest).contains(units) else { return nil }
        thousandths = unit.places == 0 ? units * 1000 : units
        guard thousandths <= Self.largest else { return nil }
    }

    /// Without zeros behind, such as `2.5`.
    public var text: String {
        var text = Scaled.text(thousandths, places: 3)
        while text.hasSuffix("0") { text.removeLast() }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

/// What things are sold by.
public enum SaleUnit: String, Sendable, CaseIterable {
    case head
    case piece
    case dose
    case bag
    case bale
    case kilogram = "kg"
    case tonne = "t"
    case litre
    case metre
    case hectare
    case hour
    /// A service, once.
    case service

    /// Decimal places of a quantity.
    var places: Int {
        switch self {
        case .head, .piece, .dose, .bag, .bale, .service: 0
        case .kilogram, .tonne, .litre, .metre, .hectare, .hour: 3
        }
    }
}

/// Decimal numbers as whole numbers of a small part.
enum Scaled {
    static func units(of amount: Decimal, places: Int) -> Int64? {
        var (scaled, source) = (Decimal(), amount)
        guard NSDecimalMultiplyByPowerOf10(&scaled, &source, Int16(places), .plain) == .noError, !scaled.isNaN else { return nil }
        return JSONValue.number(scaled).integer.map(Int64.init)
    }

    static func text(_ units: Int64, places: Int) -> String {
        guard places > 0 else { return String(units) }
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (units < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
    }
}
