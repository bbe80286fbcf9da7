import Imaging

extension TransformOperations {
    /// Parses `name:value[:value…]`, separated by commas, in any order (docs/TRANSFORMS.md).
    ///
    /// - Throws: `TransformError`, also for what `limits` forbid whatever the picture.
    public init(parsing text: String, limits: TransformLimits) throws(TransformError) {
        self.init()
        guard text.utf8.count <= Self.longestText else { throw .malformed(operation: "operations", expected: "at most 1,024 characters") }
        var seen: Set<Substring> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = item.split(separator: ":", omittingEmptySubsequences: false)
            let name = fields[0]
            guard seen.insert(name).inserted else { throw .repeated(String(name)) }
            try take(TransformArguments(operation: String(name), values: Array(fields.dropFirst())))
        }
        try limits.check(self)
    }

    static let longestText = 1024

    private mutating func take(_ arguments: TransformArguments) throws(TransformError) {
        switch arguments.operation {
        case "preset": preset = try arguments.word("a preset's name")
        case "fit": fit = try arguments.choice("fit, fill, crop or pad") { Fit(rawValue: $0) }
        case "w": width = try arguments.integer(1...100_000_000)
        case "h": height = try arguments.integer(1...100_000_000)
        case "dpr": pixelRatio = try arguments.decimal(0.1...1000)
        case "enlarge": enlarges = try arguments.flag()
        case "g": gravity = try arguments.gravity()
        case "crop": area = try arguments.area()
        case "rotate":
            rotation = try arguments.choice("0, 90, 180 or 270") { [0, 90, 180, 270].map(String.init).contains($0) ? Int($0) : nil }
        case "flip":
            let axes = try arguments.choice("h, v or hv") { ["h", "v", "hv"].contains($0) ? $0 : nil }
            flipsHorizontally = axes.contains("h")
            flipsVertically = axes.contains("v")
        case "trim": trim = arguments.values.isEmpty ? Self.usualTrim : try arguments.integer(0...255)
        case "blur": blur = try arguments.decimal(0...1_000_000)
        case "sharpen": sharpen = try arguments.decimal(0...1_000_000)
        case "bg": background = try arguments.color()
        case "q": quality = try arguments.integer(1...100)
        case "wm": watermark = try arguments.watermark()
        case "expires": expires = try arguments.integer(1...99_999_999_999)
        // Metadata never leaves; the word is taken for the sake of those who are used to asking for it.
        case "strip": _ = try arguments.flag()
        default: throw .unknown(String(arguments.operation.prefix(32)))
        }
    }

    static let usualTrim = 10
}

extension TransformOperations: CustomStringConvertible {
    /// The canonical form: one order, no defaults, numbers in their shortest form. Parsing it gives the same value.
    public var description: String {
        var items: [String] = []
        if let preset { items.append("preset:\(preset)") }
        if rotation != 0 { items.append("rotate:\(rotation)") }
        if flipsHorizontally || flipsVertically { items.append("flip:\(flipsHorizontally ? "h" : "")\(flipsVertically ? "v" : "")") }
        if let area { items.append("crop:\(area.x):\(area.y):\(area.width):\(area.height)") }
        if let trim { items.append("trim:\(trim)") }
        if let fit { items.append("fit:\(fit.rawValue)") }
        if let width { items.append("w:\(width)") }
        if let height { items.append("h:\(height)") }
        if pixelRatio != 1 { items.append("dpr:\(Self.text(pixelRatio))") }
        if enlarges { items.append("enlarge") }
        switch gravity {
        case .point(.center): break
        case .point(let point): items.append("g:\(point.rawValue)")
        case .focus(let x, let y): items.append("g:fp:\(Self.text(x)):\(Self.text(y))")
        case .smart: items.append("g:smart")
        }
        if blur != 0 { items.append("blur:\(Self.text(blur))") }
        if sharpen != 0 { items.append("sharpen:\(Self.text(sharpen))") }
        if let background { items.append("bg:\(background.hex.dropFirst())") }
        if let watermark {
            let (opacity, scale) = (Self.text(watermark.opacity), Self.text(watermark.scale))
            items.append("wm:\(watermark.mediaID):\(opacity):\(watermark.position.rawValue):\(scale)")
        }
        if let quality { items.append("q:\(quality)") }
        if let expires { items.append("expires:\(expires)") }
        return items.isEmpty ? "strip" : items.joined(separator: ",")
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }
}
