import Codecs
import Foundation
import Imaging
import MediaPipeline
import TestSupport
import Testing
import WebAPI

/// Why a file cannot be taken or shown is said in sentences of a closed set, in English and in Spanish.
@Suite struct ReasonTests {
    /// Words of English that Spanish does not have; those of a reason stand between others.
    private static let english: Set<String> = [
        "the", "this", "is", "are", "of", "and", "or", "its", "it", "has", "have", "be", "that", "than", "more", "there", "in", "with",
        "not",
        "file", "picture", "chunk", "frame", "missing", "broken", "unknown", "rules", "read", "here", "libraries",
    ]

    private func expectSpanish(_ error: CodecError) {
        guard let spanish = Translation.spanish.text(error.message) else {
            Issue.record("not in Spanish: \(error.message)")
            return
        }
        let words = Set(spanish.lowercased().split { !$0.isLetter }.map(String.init))
        #expect(words.isDisjoint(with: Self.english), "\(spanish)")
        for flaw in FileFlaw.Reason.allCases { #expect(!spanish.contains(flaw.rawValue), "\(spanish)") }
    }

    @Test(arguments: FileFlaw.Reason.allCases) func everyReasonIsToldInSpanish(_ reason: FileFlaw.Reason) {
        let flaw: FileFlaw =
            switch reason.rawValue.split(separator: "{}", omittingEmptySubsequences: false).count - 1 {
            case 0: FileFlaw(reason)
            case 1: FileFlaw(reason, 700)
            default: FileFlaw(reason, 700, 800)
            }
        #expect(!flaw.text.contains("{}"))
        for format in ImageFormat.allCases {
            for error in [CodecError.corrupt(format, flaw), .unsupported(format, flaw)] {
                expectSpanish(error)
                let spanish = Translation.spanish.text(error.message) ?? ""
                #expect(spanish.contains(format.displayName))
                for value in flaw.values { #expect(spanish.contains("\(value)")) }
                // Any other reason's sentence would be longer or shorter by its own.
                #expect(!spanish.hasSuffix("está dañado.") && !spanish.hasSuffix("aquí no se puede leer."), "\(spanish)")
            }
        }
    }

    @Test func everyOtherErrorIsToldInSpanish() {
        let settings: [CodecError.LimitSetting] = [.renderMemory, .videoMemory, .renderTimeout, .webVideoTimeout, .webVideoStall]
        var errors: [CodecError] = [
            .unknownFormat, .tooLarge(.init(width: 9, height: 9, allowedPixels: 80)), .crashed, .killed(times: 3),
            .tooLong(seconds: 9, allowed: 8), .outputTooLarge(allowed: 9), .noSpace, .noMemory, .failed("a library's words"),
        ]
        errors += ImageFormat.allCases.map { .truncated($0) }
        errors += settings.map { .overMemoryBudget(needed: 3 << 20, allowed: 1 << 20, setting: $0) }
        errors += settings.map { .timedOut(seconds: 7, setting: $0) }
        for error in errors { expectSpanish(error) }
        #expect(!CodecError.failed("a library's words").message.contains("library"))
    }

    /// Of an address of a transformed picture.
    @Test(arguments: [
        "enlarge:1", "w:0", "dpr:x", "preset:", "fit:no", "rotate:45", "flip:x", "g:middle", "crop:1:2:3", "trim:999", "bg:red", "q:0",
        "wm:x",
        "expires:no", "strip:yes", "w:99999", "w:10000,h:10000", "blur:999", "dpr:9", "w:10,w:20", "cow:1",
        String(repeating: "w", count: 2000),
    ])
    func whatIsWrongWithOperationsIsToldInSpanish(_ operations: String) throws {
        let error = try #require(throws: TransformError.self) { try TransformOperations(parsing: operations, limits: TransformLimits()) }
        let spanish = try #require(Translation.spanish.text(error.message), "\(error.message)")
        #expect(!spanish.contains("Expected") && !spanish.contains(" the ") && !spanish.contains(" pixels"), "\(spanish)")
    }

    /// Records that older versions wrote carry a library's words.
    @Test func whatALibrarySaidIsLeftOut() {
        #expect(Translation.spanish.text("The PNG file is damaged: IDAT: incorrect data check.") == "El archivo PNG está dañado.")
    }

    @Test(arguments: [
        "photo.jpg", "progressive.jpg", "cmyk.jpg", "alpha.png", "palette.png", "interlaced.png", "photo.webp", "lossless.webp",
        "animated.webp", "animated.gif", "photo.heic", "photo.avif", "video.mp4", "video.webm", "video.avi", "video.ts",
    ])
    func whateverIsFoundInADamagedFileIsOneOfThem(_ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Executables.sample(name))))
        var random = Steps(state: UInt64(bytes.count))
        var found = 0
        for round in 0..<60 {
            var damaged = bytes
            let reach = round.isMultiple(of: 2) ? min(600, bytes.count) : bytes.count
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                damaged[Int.random(in: 0..<reach, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let error = try failure(damaged) else { continue }
            found += 1
            expectSpanish(error)
        }
        #expect(found > 0 || name == "video.ts", "a broadcast plays whatever is left of it")
    }

    private func failure(_ bytes: [UInt8]) throws -> CodecError? {
        let path = NSTemporaryDirectory() + "agrovet-reasons-" + UUID().uuidString
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        do throws(CodecError) {
            let file = try ImageFile(path: path)
            let info = try ImageDecoder.readInfo(file)
            guard info.storedSize.area <= 4_000_000 else { return nil }
            _ = try ImageDecoder.decode(file, info: info, atLeast: PixelSize(width: 1, height: 1))
            try FileStructure.check(file, info: info)
            return nil
        } catch {
            return error
        }
    }

    /// A fixed sequence, so that a failure can be seen again (Knuth's MMIX generator).
    private struct Steps: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }
}
