import Foundation
import Imaging
import MarketplaceService
import MediaPipeline
import MediaService
import ObjectStorage
import WebAPI

/// How a setting's text is read.
struct SettingKind<Value: Sendable>: Sendable {
    /// Names the form in the output of `agrovet config` and in errors.
    let form: String
    private let read: @Sendable (String) -> Value?

    init(form: String, read: @escaping @Sendable (String) -> Value?) {
        self.form = form
        self.read = read
    }

    func parse(_ text: String) throws(SettingKindError) -> Value {
        guard let value = read(text) else { throw SettingKindError(expected: form) }
        return value
    }
}

extension SettingKind where Value == String {
    static var text: Self { Self(form: "text") { $0 } }

    static func oneOf(_ choices: [String]) -> Self {
        Self(form: choices.joined(separator: " | ")) { choices.contains($0) ? $0 : nil }
    }

    /// An `http` or `https` URL without a path, or nothing.
    static var origin: Self {
        Self(form: "http(s)://host[:port], or empty") { text in
            if text.isEmpty { return text }
            let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard let url = URL(string: trimmed), url.scheme == "http" || url.scheme == "https", url.host() != nil, url.path().isEmpty,
                url.query() == nil, url.user() == nil
            else { return nil }
            return trimmed
        }
    }

    /// An address of an S3 endpoint, or nothing.
    static var upstreamEndpoint: Self {
        Self(form: "http(s)://host[:port][/path], or empty") { $0.isEmpty || UpstreamEndpoint($0) != nil ? $0 : nil }
    }

    /// The beginning of keys, which needs no percent-encoding; a `/` is added at its end.
    static var keyPrefix: Self {
        Self(form: "letters, digits, - _ . and /, at most 200") { text in
            let isPlain = text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F: true
                default: false
                }
            }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard isPlain, text.utf8.count <= 200, !parts.dropLast().contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
                return nil
            }
            return text.isEmpty || text.hasSuffix("/") ? text : text + "/"
        }
    }

    static var currency: Self {
        Self(form: "a currency of ISO 4217, such as USD") { Currency($0) != nil ? $0 : nil }
    }

    static var databaseURL: Self {
        Self(form: "postgresql://user@host/database, or empty for SQLite") { text in
            text.isEmpty || text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") ? text : nil
        }
    }
}

extension SettingKind where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Self {
        Self(form: "\(range.lowerBound) to \(range.upperBound)") { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// Bytes: a number, with or without `KiB`, `MiB`, `GiB` (powers of 1,024) or `kB`, `MB`, `GB` (powers of 1,000).
    static var bytes: Self {
        Self(form: "bytes, such as 65536, 256MiB, 2GB") { text in
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            let unit = text.dropFirst(digits.count).drop { $0 == " " }
            let factors = [
                "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "kB": 1000, "KB": 1000, "MB": 1_000_000,
                "GB": 1_000_000_000, "TB": 1_000_000_000_000,
            ]
            guard let number = Int(digits), let factor = factors[String(unit)] else { return nil }
            let (product, overflows) = number.multipliedReportingOverflow(by: factor)
            // Sums of a few must be numbers, too.
            return overflows || product > 1 << 58 ? nil : product
        }
    }
}

extension SettingKind where Value == Bool {
    static var flag: Self {
        Self(form: "true | false") { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }
}

extension SettingKind where Value == Duration {
    /// A time span: a number with `ms`, `s`, `m`, `h` or `d`; a bare number is seconds.
    static var duration: Self {
        Self(form: "a time span, such as 500ms, 30s, 10m, 12h, 30d") { text in
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), number <= 1_000_000_000 else { return nil }
            switch text.dropFirst(digits.count) {
            case "ms": return .milliseconds(number)
            case "", "s": return .seconds(number)
            case "m": return .seconds(number * 60)
            case "h": return .seconds(number * 3600)
            case "d": return .seconds(number * 86_400)
            default: return nil
            }
        }
    }
}

extension SettingKind where Value == [String] {
    /// Words separated by commas; in YAML also a sequence.
    static var list: Self {
        Self(form: "words separated by commas") { text in
            text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
    }
}

extension SettingKind where Value == [String] {
    /// Secrets that sign: too short ones could be guessed.
    static var keys: Self {
        Self(form: "keys of 16 characters or more, separated by commas") { text in
            let keys = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            return keys.allSatisfy { $0.utf8.count >= 16 } ? keys : nil
        }
    }
}

extension SettingKind where Value == Set<Int> {
    static var ports: Self {
        Self(form: "ports separated by commas") { text in
            let ports = text.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) ?? 0 }
            return ports.allSatisfy { (1...65_535).contains($0) } && !ports.isEmpty ? Set(ports) : nil
        }
    }
}

extension SettingKind where Value == [Preset] {
    /// `name=WIDTHxHEIGHT:mode`, separated by commas; names are unique, and neither `original` nor `preview`
    /// (a video's preview).
    static var presets: Self {
        let side = Preset.longestSide
        let form =
            "name=WIDTHxHEIGHT:fit|crop, separated by commas; each name once, of a-z 0-9 - and _, not preview or original; "
            + "width and height 1 to \(side), as many pixels as WebP takes"
        return Self(form: form) { text in
            var presets: [Preset] = []
            for item in text.split(separator: ",") {
                let item = item.trimmingCharacters(in: .whitespaces)
                let fields = item.split(whereSeparator: { "=x:".contains($0) }).map(String.init)
                // A name may hold an x itself, so the three fields behind it are taken from the end.
                guard fields.count >= 4, let equals = item.firstIndex(of: "="), let width = Int(fields[fields.count - 3]),
                    let height = Int(fields[fields.count - 2]), let mode = ResizeMode(rawValue: fields[fields.count - 1]),
                    (1...side).contains(width), (1...side).contains(height)
                else { return nil }
                let name = String(item[..<equals])
                let isWord = name.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
                guard (1...32).contains(name.utf8.count), isWord, name != "original", name != VideoPreview.name,
                    !presets.contains(where: { $0.name == name })
                else {
                    return nil
                }
                presets.append(Preset(name: name, box: PixelSize(width: width, height: height), mode: mode))
            }
            return presets.isEmpty || presets.count > 32 ? nil : presets
        }
    }
}

extension SettingKind where Value == [Duration] {
    /// Time spans separated by commas; none is a value too.
    static var durations: Self {
        Self(form: "time spans separated by commas, such as 5s,5m,2h") { text in
            let spans = text.split(separator: ",").map {
                try? SettingKind<Duration>.duration.parse($0.trimmingCharacters(in: .whitespaces))
            }
            return spans.count <= 50 && spans.allSatisfy { $0 != nil } ? spans.compactMap { $0 } : nil
        }
    }
}

extension SettingKind where Value == [AddressRule] {
    /// Host names, addresses and networks, separated by commas.
    static var addressRules: Self {
        Self(form: "hosts, addresses or networks separated by commas, such as hooks.internal,10.0.0.0/8") { text in
            let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            let rules = words.compactMap { AddressRule($0) }
            return rules.count == words.count ? rules : nil
        }
    }
}

extension SettingKind where Value == ClamdAddress? {
    static var clamd: Self {
        Self(form: "unix:/path, tcp:host:port, or empty") { text in
            if text.isEmpty { return .some(nil) }
            return ClamdAddress(text).map { .some($0) }
        }
    }
}

extension SettingKind where Value == Rate? {
    static var rate: Self {
        Self(form: "requests in a time span, such as 600/min, 10/s, 1000/day, or empty") { text in
            if text.isEmpty { return .some(nil) }
            return Rate(text).map { .some($0) }
        }
    }
}

extension SettingKind where Value == [IPNetwork] {
    static var networks: Self {
        Self(form: "addresses or networks separated by commas, such as 10.0.0.0/8") { text in
            let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            let networks = words.compactMap { IPNetwork($0) }
            return networks.count == words.count ? networks : nil
        }
    }
}

extension SettingKind where Value == Set<ServiceName> {
    static var services: Self {
        Self(form: "some of \(ServiceName.allCases.map(\.rawValue).joined(separator: ", ")), separated by commas") { text in
            let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let services = words.compactMap { ServiceName(rawValue: $0) }
            return services.count == words.count && !services.isEmpty ? Set(services) : nil
        }
    }
}

extension SettingKind where Value == [String: String] {
    /// Database URLs by the name of the service.
    static var databaseURLs: Self {
        Self(form: "service=postgresql://… separated by spaces, or empty") { text in
            var urls: [String: String] = [:]
            for entry in text.split(whereSeparator: \.isWhitespace) {
                let halves = entry.split(separator: "=", maxSplits: 1).map(String.init)
                guard halves.count == 2, ServiceName(rawValue: halves[0]) != nil || halves[0] == "s3",
                    halves[1].hasPrefix("postgresql://") || halves[1].hasPrefix("postgres://"),
                    urls.updateValue(halves[1], forKey: halves[0]) == nil
                else { return nil }
            }
            return urls
        }
    }
}
