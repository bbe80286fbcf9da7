/// What is wrong with a file, or what in it cannot be read here: one of a closed set of short sentences, the last part of
/// `CodecError.message`. Nothing else may stand there, so that it can be said in every language that there is.
public struct FileFlaw: Sendable, Equatable, Codable {
    public let reason: Reason
    /// What stands for each `{}` of the reason, in their order.
    public let values: [Int]
    /// What the library said that found it: for the log, and for nobody else.
    public let libraryWords: String?

    public init(_ reason: Reason, _ values: Int..., libraryWords: String? = nil) {
        self.reason = reason
        self.values = values
        self.libraryWords = libraryWords
    }

    /// The reason in English, with its values.
    public var text: String {
        let parts = reason.rawValue.split(separator: "{}", omittingEmptySubsequences: false)
        return zip(parts, values.map(String.init) + [""]).map { $0 + $1 }.joined()
    }

    /// Which library found it, and in which words, is no part of what is wrong.
    public static func == (one: FileFlaw, other: FileFlaw) -> Bool { one.reason == other.reason && one.values == other.values }

    /// Each is its English sentence, the key of the translations (`Spanish+Files.swift`); `{}` stands for a number.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        // Damage: of the structure,
        case rules = "it breaks the rules of the format"
        case header = "its header breaks the rules of the format"
        case headerEnds = "it ends before its header does"
        case checksum = "a chunk's checksum is wrong"
        case chunkTooLong = "a chunk is longer than the file"
        case unknownChunk = "it has an unknown part that must not be skipped"
        case unknownBlock = "an unknown block"
        case boxSize = "a box has no valid size"
        case elementSize = "an element has no size"
        case container = "the container breaks the rules"
        case items = "its list of items cannot be read"
        case scans = "it has more than {} scans"

        // of what it says of its pictures,
        case noSize = "the picture has no size"
        case canvas = "a canvas without pixels"
        case frameTooLarge = "a frame is larger than the picture"
        case frameHeader = "the first frame has no header"
        case frameSize = "the first frame is not of the size that the container says"
        case codedHeader = "the coded picture has no readable header"
        case codedSize = "the coded picture has another size than the file says"
        case noTiles = "the grid has no tiles"
        case tileKinds = "the tiles are of different kinds"
        case tileSize = "a tile has another size than the file says"
        case videoSize = "its pictures would have {}×{} pixels"
        case videoWithoutSize = "the size of its pictures is not told"

        // of their pixels.
        case noPixels = "there are no pixels in it"
        case noColors = "it has no colours"
        case palette = "its palette is missing or broken"
        case noLuma = "there is no luma"
        case missingPlane = "a colour plane is missing"
        case tables = "its tables for decoding are missing or broken"
        case compressedPixels = "its compressed pixels break the rules"
        case pixelCount = "there are fewer pixels than it says, or more"
        case bitstream = "the bitstream breaks the rules"
        case frameBitstream = "a frame's bitstream breaks the rules"
        case noFrames = "none of its frames can be decoded"

        // What cannot be read or written here.
        case noHEIFLibrary = "libheif is not installed on this machine"
        case noAV1Encoder = "libheif has no AV1 encoder on this machine"
        case noVideoLibraries = "the libraries for videos are not there"
        case codec = "its codec"
        case frames = "its frames"
        case noMovingPictures = "there are no moving pictures in it"
        case rareHeader = "its header says something that is hardly ever used"
        case rareCompression = "a way of compression that is hardly ever used"
        case newer = "a feature newer than the decoder"
        case unknownFeature = "something that the decoder of this machine does not know"
        case tooMuchMemory = "decoding it takes more memory than is allowed"
        case tracks = "it has more than {} tracks"
        case components = "{} components of no known meaning"
        case side = "a side over {} pixels"
        case partOfLarger = "a small part of a much larger picture"
        case pieces = "a picture in several pieces"
        case matrix = "colour matrix {}"
        case interleaved = "interleaved colours"
        case colorSpace = "this colour space"
        case sampleBits = "{} bits a sample"
    }
}

extension FileFlaw {
    /// What a shim of `CLibraries` says in these reasons' words already; its numbers are the values.
    /// - Parameter otherwise: where it says nothing that is known here.
    init(shim words: String, otherwise: Reason) {
        let numbers = words.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
        let pattern = words.split(separator: " ").map { Int($0) == nil ? String($0) : "{}" }.joined(separator: " ")
        if let reason = Reason(rawValue: words) {
            self.init(reason)
        } else if let reason = Reason(rawValue: pattern), numbers.count == 1 {
            self.init(reason, numbers[0])
        } else {
            self.init(otherwise, libraryWords: words.isEmpty ? nil : words)
        }
    }

    /// - Parameter words: libpng's, which begin with the chunk that it is about where there is one, or zlib's.
    init(libpng words: String) {
        let reason: Reason =
            if words.contains("PLTE") || words.contains("palette") {
                .palette
            } else if words.contains("unhandled critical chunk") || words.contains("unknown critical chunk") {
                .unknownChunk
            } else if words.contains("incorrect data check") || words.contains("CRC") {
                .checksum
            } else if words.contains("Not enough") || words.contains("Too much") || words.contains("Extra") {
                .pixelCount
            } else if words.contains("filter") || words.hasPrefix("IDAT") || words.contains("Decompression") {
                .compressedPixels
            } else if words.contains("IHDR") || words.hasPrefix("Not a PNG") || words.hasPrefix("PNG file corrupted") {
                .header
            } else {
                .rules
            }
        self.init(reason, libraryWords: words)
    }

    /// - Parameter words: libjpeg's, or the shim's own.
    init(libjpeg words: String, isUnsupported: Bool) {
        let lowered = words.lowercased()
        let isOfTables =
            lowered.contains("huffman") || lowered.contains("quantization") || lowered.contains("dqt") || lowered.contains("dht")
        let reason: Reason = isUnsupported ? .rareCompression : isOfTables ? .tables : .rules
        self.init(shim: words, otherwise: reason)
    }
}
