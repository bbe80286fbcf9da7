import Imaging
import MediaPipeline
import Testing

@Suite struct TransformGrammarTests {
    private let limits = TransformLimits()

    private func parse(_ text: String) throws -> TransformOperations { try TransformOperations(parsing: text, limits: limits) }

    private static let id = "01890a5d-ac96-774b-bcce-b302099a8057"

    @Test func everyOperationIsRead() throws {
        let operations = try parse(
            "fit:fill,w:640,h:480,dpr:2,enlarge,g:smart,crop:1:2:300:400,rotate:90,flip:hv,trim:7,blur:2.5,sharpen:1,bg:Ff8000,q:75,"
                + "strip,wm:\(Self.id):0.5:nw:0.2,preset:small,expires:1999999999")
        #expect(operations.fit == .fill && operations.width == 640 && operations.height == 480 && operations.pixelRatio == 2)
        #expect(operations.enlarges && operations.gravity == .smart && operations.rotation == 90)
        #expect(operations.area.map { [$0.x, $0.y, $0.width, $0.height] } == [1, 2, 300, 400])
        #expect(operations.flipsHorizontally && operations.flipsVertically && operations.trim == 7)
        #expect(operations.blur == 2.5 && operations.sharpen == 1 && operations.background == RGBColor(r: 255, g: 128, b: 0))
        #expect(operations.quality == 75 && operations.preset == "small" && operations.expires == 1_999_999_999)
        let watermark = try #require(operations.watermark)
        #expect(watermark.mediaID == Self.id && watermark.opacity == 0.5 && watermark.position == .northWest && watermark.scale == 0.2)
    }

    @Test(arguments: [
        ("h:5,w:4", "w:4,h:5"), ("strip", "strip"), ("g:c,dpr:1.0,rotate:0,blur:0", "strip"), ("dpr:1.50", "dpr:1.5"), ("trim", "trim:10"),
        ("flip:vh", nil), ("g:fp:0.5:0.2500", "g:fp:0.5:0.25"), ("bg:FFFFFF", "bg:ffffff"), ("q:080", "q:80"),
        ("wm:01890A5D-AC96-774B-BCCE-B302099A8057", "wm:01890a5d-ac96-774b-bcce-b302099a8057:1:se:0.25"),
        ("expires:12,g:ne,fit:pad", "fit:pad,g:ne,expires:12"),
    ])
    func theCanonicalFormIsOneForAllWaysToWriteIt(_ text: String, _ canonical: String?) throws {
        guard let canonical else {
            #expect(throws: TransformError.self) { try parse(text) }
            return
        }
        let operations = try parse(text)
        #expect(operations.description == canonical)
        #expect(try parse(canonical) == operations)
    }

    @Test(arguments: [
        ("", ""), ("w", "w"), ("w:", "w"), ("w:0", "w"), ("w:-1", "w"), ("w:+1", "w"), ("w: 1", "w"), ("w:1.5", "w"), ("w:1:2", "w"),
        ("w:99999999999999999999", "w"), ("w:1,w:1", "w"), ("w:20000", "w"), ("w:1,,h:1", ""), ("fit:cover", "fit"), ("fit", "fit"),
        ("dpr:0", "dpr"), ("dpr:5", "dpr"), ("dpr:nan", "dpr"), ("dpr:1e1", "dpr"), ("enlarge:1", "enlarge"), ("g:x", "g"),
        ("g:fp:2:0", "g"),
        ("g:fp:0.5", "g"), ("crop:1:2:3", "crop"), ("crop:0:0:0:5", "crop"), ("crop:-1:0:5:5", "crop"), ("rotate:45", "rotate"),
        ("flip", "flip"), ("trim:256", "trim"), ("blur:101", "blur"), ("blur:1.23456", "blur"), ("blur:.5", "blur"),
        ("sharpen:9999", "sharpen"),
        ("bg:fff", "bg"), ("bg:+12345", "bg"), ("q:0", "q"), ("q:101", "q"), ("wm:nonsense", "wm"), ("preset:../x", "preset"), ("w:٣", "w"),
        ("expires:soon", "expires"), ("zoom:2", "zoom"), ("W:1", "W"), ("w:9000,h:9000", "w"), ("w:4000,h:4000,dpr:3", "w"),
        ("strip:1", "strip"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ operation: String) {
        let error = #expect(throws: TransformError.self) { try parse(text) }
        #expect(error?.operation == operation)
        #expect(error?.message.hasSuffix(".") == true)
    }

    @Test func aLimitNamesItsSetting() {
        let pixels = #expect(throws: TransformError.self) { try parse("w:9000,h:9000") }
        #expect(pixels?.message.contains("AGROVET_TRANSFORM_PIXELS") == true)
        let blur = #expect(throws: TransformError.self) { try parse("blur:101") }
        #expect(blur?.message.contains("AGROVET_TRANSFORM_BLUR") == true)
    }

    /// Pieces of the grammar in random order, so that many inputs come far.
    @Test func whatIsParsedIsPrintedAndParsedAgainWhateverIsThrownAtIt() throws {
        let pieces = [
            "w", "h", ":", ":", ":", ",", ",", "1", "640", "0.5", "fit", "fill", "pad", "g", "fp", "smart", "ne", "dpr", "enlarge", "crop",
            "rotate", "90", "flip", "hv", "trim", "blur", "sharpen", "bg", "ff00aa", "q", "wm", Self.id, "preset", "strip", "expires", "-",
            "é", "%2F", ".", "99999999999999999999", " ",
        ]
        var generator = SystemRandomNumberGenerator()
        let whole = ["w:1", "h:2.0", "h:3", "fit:pad", "g:fp:0.1:1", "trim", "flip:v", "blur:0.05", "wm:\(Self.id)", "q:7", "strip"]
        var parsed = 0
        for _ in 0..<20_000 {
            let text =
                Bool.random(using: &generator)
                ? (0..<Int.random(in: 0...12)).map { _ in pieces.randomElement(using: &generator)! }.joined()
                : (0..<Int.random(in: 1...4)).map { _ in whole.randomElement(using: &generator)! }.joined(separator: ",")
            guard let operations = try? parse(text) else { continue }
            parsed += 1
            let printed = operations.description
            #expect(try parse(printed) == operations, "\(text)")
        }
        #expect(parsed > 100)
    }

    @Test func anEndlessAddressIsRefused() {
        #expect(throws: TransformError.self) { try parse(String(repeating: "strip,", count: 100_000)) }
    }

    @Test func aPresetIsItsBoxAndModeUnlessTheOperationsSayOtherwise() throws {
        let presets = Preset.defaults
        func resolved(_ text: String) throws -> String { try parse(text).resolved(presets: presets, limits: limits).description }
        #expect(try resolved("preset:thumb,expires:5") == "fit:crop,w:160,h:160")
        #expect(try resolved("preset:small,fit:pad,dpr:2") == "fit:pad,w:320,h:320,dpr:2")
        #expect(try resolved("preset:thumb,w:50") == "fit:crop,w:50")
        #expect(throws: TransformError.unknownPreset("huge")) { try resolved("preset:huge") }
    }
}
