import Codecs
import Foundation
import Imaging
import MediaPipeline

extension FuzzTarget {
    static let media = [images, videos, structure, exif, operations, worker]

    private static let magic = [
        "ftyp", "moov", "mdat", "meta", "iloc", "iprp", "ispe", "IHDR", "IDAT", "IEND", "RIFF", "WEBP", "VP8X", "ANMF",
    ]

    private static let videoEndings = [".mp4", ".mov", ".webm", ".mkv", ".avi", ".ts", ".3gp"]

    private static func isVideo(_ name: String) -> Bool { videoEndings.contains { name.hasSuffix($0) } }

    private static let images = FuzzTarget(
        name: "images", seeds: { samples { !isVideo($0) } }, words: magic + ["Exif\0\0", "ICC_PROFILE\0"], run: look)
    private static let videos = FuzzTarget(
        name: "videos", seeds: { samples(isVideo) }, words: magic + ["elst", "stts", "stsz", "stco", "avcC", "\u{1A}E", "movi", "idx1"],
        run: look)

    /// Header, structure and pixels.
    @Sendable private static func look(_ input: [UInt8]) throws -> Int {
        let file = try file(input)
        do throws(CodecError) {
            let info = try ImageDecoder.readInfo(file)
            let needed = ImageDecoder.workingBytes(info, atLeast: PixelSize(width: 1, height: 1))
            guard info.storedSize.area <= 1_000_000, info.video?.codedSize.area ?? 0 <= 1_000_000, needed >= 0 else {
                return kind("\(info.format) large")
            }
            try FileStructure.check(file, info: info)
            let raster = try ImageDecoder.decode(file, info: info, atLeast: PixelSize(width: 1, height: 1))
            return kind("\(info.format) \(info.colorModel) \(info.hasAlpha) \(info.orientation) \(info.bitDepth) \(raster.model)")
        } catch { return kind("\(error.code) \(error.message)") }
    }

    /// The walks through every format's structure, whatever the bytes say they are.
    private static let structure = FuzzTarget(name: "structure", seeds: { samples(atMost: 24 * 1024) }, words: magic) { input in
        let file = try file(input)
        var outcome = ""
        for format in ImageFormat.allCases {
            do throws(CodecError) {
                try FileStructure.check(file, info: ImageInfo(format: format, storedSize: PixelSize(width: 1, height: 1)))
                outcome += "1"
            } catch { outcome += error.code.prefix(2) }
        }
        return kind(outcome)
    }

    private static let exif = FuzzTarget(
        name: "exif",
        seeds: {
            [
                [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0],
                Array("Exif\0\0".utf8) + [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 3],
            ]
        }
    ) { input in
        // In memory of exactly this size, so that what is read beyond it is not there.
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: input)
        return Int(EXIF.orientation(inTIFF: UnsafeRawBufferPointer(bytes))?.rawValue ?? 0)
    }

    /// What is parsed and written down again means the same.
    private static let operations = FuzzTarget(
        name: "operations",
        seeds: texts(
            "w:320,h:200,fit:crop,g:smart", "crop:10:20:300:200,rotate:90,flip:hv",
            "blur:2.5,sharpen:0.5,bg:ffffff,q:80,expires:1800000000",
            "preset:thumb", "trim,enlarge,strip,dpr:2", "g:fp:0.25:0.75,w:100", "wm:0198f000-0000-7000-8000-000000000000:0.5:se:0.25"),
        words: [
            "w:", "h:", ",", ":", "fit:", "pad", "g:fp:", "crop:", "rotate:", "blur:", "wm:", "bg:", "q:", "dpr:", "0.0001", "expires:",
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        let limits = TransformLimits()
        let value: TransformOperations
        do { value = try TransformOperations(parsing: text, limits: limits) } catch { return kind(String("\(error)".prefix(12))) }
        let written = value.description
        guard let again = try? TransformOperations(parsing: written, limits: limits), again.description == written else {
            throw Contradiction("\(text) is written as \(written), which is read otherwise")
        }
        return kind(written.replacing(/[0-9.]+/, with: ""))
    }

    /// A codec worker that was taken over says what it likes to the server.
    private static let worker = FuzzTarget(
        name: "worker",
        seeds: {
            [
                #"{"failed":{"_0":{"unknownFormat":{}}}}"#, #"{"progress":{"_0":0.5}}"#,
                #"{"info":{"_0":{"format":"jpeg","storedSize":{"width":4,"height":3},"orientation":1,"hasAlpha":false,"bitDepth":8,"#
                    + #""colorModel":"rgb","frameCount":1,"isPalette":false,"isProgressive":false}}}"#,
                #"{"rendered":{"_0":{"placeholder":[1],"color":{"red":1,"green":2,"blue":3},"renditions":[{"preset":"thumb","format":"webp","#
                    + #""size":{"width":4,"height":3},"byteCount":4}]}}}"#,
                #"{"wroteVideo":{"_0":{"size":{"width":4,"height":3},"isRemuxed":true,"codecs":"","segments":[]}}}"#,
            ].map { text in
                let count = UInt32(text.utf8.count)
                return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: count >> $0) } + Array(text.utf8) + [1, 2, 3, 4]
            }
        },
        words: [
            #""width":"#, #""byteCount":"#, "-1", "9223372036854775807", "4611686018427387904", "null", "{}", "[]", "1e400",
            #""duration":"#,
        ]
    ) { input in
        let folder = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-worker-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (answer, picture) = (folder + "/answer", folder + "/picture")
        try Data(input).write(to: URL(fileURLWithPath: answer))
        try Data([0xFF]).write(to: URL(fileURLWithPath: picture))
        let pipeline = MediaPipeline(
            settings: PipelineSettings(),
            isolation: CodecIsolation(executable: "/bin/sh", arguments: ["-c", "cat '\(answer)' >&3"], timeout: 2))
        defer { pipeline.close() }
        do {
            let info = try await pipeline.vet(path: picture)
            return kind("\(info.format) \(info.colorModel) \(info.video == nil)")
        } catch { return kind("\(error)".prefix(24).description) }
    }

    /// A file in memory.
    private static func file(_ bytes: [UInt8]) throws -> ImageFile {
        let path = FileManager.default.temporaryDirectory.path + "/agrovet-fuzz-\(getpid())"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        return try ImageFile(path: path)
    }
}
