import CGIF
import Imaging

/// GIF87a and GIF89a: the first frame on its logical screen, transparent where the frame does not reach. The frames behind it are
/// `GIFFrames`.
enum GIFDecoder: StillImageDecoder {
    static func readInfo(_ file: ImageFile) throws(CodecError) -> ImageInfo {
        try file.withBytes { (bytes) throws(CodecError) -> ImageInfo in
            let reader = try GIFReader(bytes)
            let survey = GIFSurvey(bytes)
            return ImageInfo(
                format: .gif, storedSize: reader.screen, hasAlpha: reader.hasAlpha, colorModel: .rgb,
                frameCount: survey.frames, isPalette: true, isProgressive: reader.header.is_interlaced != 0,
                animation: survey.animation)
        }
    }

    static func decode(_ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize) throws(CodecError) -> Raster {
        try file.withBytes { (bytes) throws(CodecError) -> Raster in
            let reader = try GIFReader(bytes)
            guard reader.screen == info.storedSize else { throw .failed("the file is not the one that was probed") }
            let (screen, header) = (reader.screen, reader.header)
            var reduction = BoxReduction(
                stored: screen, factor: BoxReduction.factor(from: screen, atLeast: minimum), channels: 4, hasAlpha: true)
            let colors = reader.header.colors
            var lines = Lines(interlaced: header.is_interlaced != 0, width: Int(header.frame_width), height: Int(header.frame_height))
            let columns = Int(header.frame_left)..<Int(header.frame_left + header.frame_width)
            for y in 0..<screen.height {
                var row = [UInt8](repeating: 0, count: screen.width * 4)
                let line = y - Int(header.frame_top)
                if line >= 0 && line < Int(header.frame_height) {
                    let start = try lines.read(line, from: reader)
                    for x in columns {
                        let color = colors[Int(lines.indices[start + x - columns.lowerBound])]
                        (row[x * 4], row[x * 4 + 1], row[x * 4 + 2], row[x * 4 + 3]) = (color.r, color.g, color.b, color.a)
                    }
                }
                reduction.add(row)
            }
            return reduction.finish(.rgb)
        }
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let result = BoxReduction.reducedSize(of: info.storedSize, by: factor).area * 4
        // A row as indices, as colours, and its sums; giflib's tables.
        let rows = info.storedSize.width * (1 + 4 + 16)
        return result + rows + (info.isProgressive ? info.storedSize.area : 0) + 128 << 10
    }
}

extension GIFDecoder {
    /// The frame's lines from top to bottom. An interlaced frame is read as a whole at the first line.
    private struct Lines {
        let interlaced: Bool
        let width: Int
        let height: Int
        private(set) var indices: [UInt8] = []

        init(interlaced: Bool, width: Int, height: Int) {
            self.interlaced = interlaced
            self.width = width
            self.height = height
        }

        /// Reads a line and returns where in `indices` it begins.
        /// - Precondition: lines are asked for in order, and none is skipped.
        mutating func read(_ y: Int, from reader: borrowing GIFReader) throws(CodecError) -> Int {
            if indices.isEmpty {
                indices = [UInt8](repeating: 0, count: interlaced ? width * height : width)
                if interlaced { try readInterlaced(reader) }
            }
            if interlaced { return y * width }
            try read(reader, at: 0)
            return 0
        }

        private mutating func readInterlaced(_ reader: borrowing GIFReader) throws(CodecError) {
            for (first, step) in GIFReader.interlacedPasses {
                for y in stride(from: first, to: height, by: step) { try read(reader, at: y * width) }
            }
        }

        private mutating func read(_ reader: borrowing GIFReader, at offset: Int) throws(CodecError) {
            try indices.withUnsafeMutableBufferPointer { (indices) throws(CodecError) in
                try reader.readLine(into: indices.baseAddress! + offset)
            }
        }
    }
}
