import Foundation
import TestSupport

/// Videos that the tests make with ffmpeg or by hand, in a folder of their own.
struct MadeVideos {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What ffmpeg writes with these arguments.
    func ffmpeg(_ name: String, _ arguments: [String]) async throws -> Data {
        let path = folder.path + "/" + name
        let made = try await ChildProcess.run("ffmpeg", ["-v", "error", "-y"] + arguments + [path], atMost: .seconds(300))
        guard made.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["ffmpeg": "\(name): \(made.errors)"]) }
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// A moving test picture, encoded with these arguments.
    func pattern(
        _ name: String, size: String = "64x48", rate: Int = 12, seconds: Double = 1, _ arguments: [String]
    ) async throws -> Data {
        try await ffmpeg(
            name, ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate):duration=\(seconds)", "-pix_fmt", "yuv420p"] + arguments)
    }

    static let tone = ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000:duration=1"]

    static func sample(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: Executables.sample(name))) }
}

extension Data {
    /// These bytes with others put in their place behind the first that are such; nothing happens where there are none.
    func replacing(behind mark: String, skipping count: Int = 0, with bytes: [UInt8]) -> Data {
        guard let place = range(of: Data(mark.utf8)), place.upperBound + count + bytes.count <= endIndex else { return self }
        var changed = self
        changed.replaceSubrange(place.upperBound + count..<place.upperBound + count + bytes.count, with: bytes)
        return changed
    }
}

/// An element of EBML (RFC 8794), its size in eight bytes.
func ebml(_ id: [UInt8], _ body: [UInt8], size: UInt64? = nil) -> [UInt8] {
    let size = size ?? UInt64(body.count)
    return id + [1] + stride(from: 48, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> UInt64($0)) } + body
}

/// An unsigned integer in EBML.
func ebml(_ id: [UInt8], _ number: UInt64) -> [UInt8] {
    ebml(id, stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) })
}

/// A Matroska file by hand: one VP8 track of a size that is told, and these clusters.
func matroska(width: UInt64, height: UInt64, shown: (width: UInt64, height: UInt64)? = nil, clusters: [UInt8]) -> Data {
    let head = ebml([0x1A, 0x45, 0xDF, 0xA3], ebml([0x42, 0x82], Array("matroska".utf8)))
    var video = ebml([0xB0], width) + ebml([0xBA], height)
    if let shown { video += ebml([0x54, 0xB0], shown.width) + ebml([0x54, 0xBA], shown.height) }
    let track =
        ebml([0xD7], 1) + ebml([0x73, 0xC5], 1) + ebml([0x83], 1) + ebml([0x86], Array("V_VP8".utf8)) + ebml([0xE0], video)
    let info = ebml([0x15, 0x49, 0xA9, 0x66], ebml([0x2A, 0xD7, 0xB1], 1_000_000))
    let tracks = ebml([0x16, 0x54, 0xAE, 0x6B], ebml([0xAE], track))
    return Data(head + ebml([0x18, 0x53, 0x80, 0x67], info + tracks + clusters))
}
