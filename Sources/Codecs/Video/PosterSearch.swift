import CFFmpeg
import Imaging

/// Looks for the frame that stands for a video: the first worth showing, or the best of those seen. Bounded, so that no video
/// can keep a thread busy.
enum PosterSearch {
    /// Shares of the duration at which keyframes are looked at, in this order. A video's first tenth is often a title or a hand
    /// before the lens.
    static let places = [0.1, 0.25, 0.4, 0.6, 0.8, 0.0]
    /// Keyframes in a row that are looked at where the duration is not known, or the file cannot be searched.
    static let keyframesInRow = 8
    /// Frames in a row that are looked at where no keyframe was worth showing: a clip of a second may have only one, and one of ten seconds
    /// too, which begins in the dark.
    static let framesInRow = 60...400
    /// Pixels that are decoded for those beyond the least; 8 seconds of 1080p at 30 frames a second.
    static let pixelsInRow = 1 << 29

    private static func framesInRow(_ reader: borrowing VideoReader) -> Int {
        let area = max(1, Int(reader.facts.width)) * max(1, Int(reader.facts.height))
        return min(max(pixelsInRow / area, framesInRow.lowerBound), framesInRow.upperBound)
    }

    /// Keeps the frame in the reader. False where not a single frame can be decoded.
    static func keepPoster(_ reader: borrowing VideoReader, duration: Int?) throws(CodecError) -> Bool {
        var search = Search()
        if let duration {
            for place in places {
                guard reader.seek(to: Int(Double(duration) * place)) else { break }
                if try search.look(reader, frames: 1, keyframesOnly: true) { return true }
            }
        }
        if search.seen.count < 2 {
            reader.seek(to: 0)
            if try search.look(reader, frames: keyframesInRow, keyframesOnly: true) { return true }
        }
        if search.seen.count < keyframesInRow {
            reader.seek(to: 0)
            if try search.look(reader, frames: framesInRow(reader), keyframesOnly: false) { return true }
        }
        if search.best == nil {
            // Half a picture is better than none.
            reader.seek(to: 0)
            if try search.look(reader, frames: framesInRow.lowerBound, keyframesOnly: false, takesDamaged: true) { return true }
        }
        return search.best != nil
    }

    private struct Search {
        var best: Double?
        var seen: Set<Int64> = []
        private var contrast = 0.0
        private var isWorthShowing = false
        /// By how much, from one frame to the next, contrast rises while a picture comes out of the black.
        private static let risingContrast = 1.03

        /// Looks at the frames that follow; true as soon as one is worth showing, which is kept.
        mutating func look(
            _ reader: borrowing VideoReader, frames: Int, keyframesOnly: Bool, takesDamaged: Bool = false
        ) throws(CodecError) -> Bool {
            for _ in 0..<frames {
                guard try reader.next(keyframesOnly: keyframesOnly, takesDamaged: takesDamaged) else { return isWorthShowing }
                let frame = reader.present
                guard seen.insert(frame.time).inserted else { continue }
                let size = FrameLook.size(of: PixelSize(width: Int(frame.width), height: Int(frame.height)))
                let look = FrameLook(try reader.luma(size))
                // A fade-in is waited for.
                if isWorthShowing, look.contrast < contrast * Self.risingContrast { return true }
                guard look.isWorthShowing || best == nil || look.score > best! else { continue }
                best = look.score
                contrast = look.contrast
                try reader.keep()
                isWorthShowing = look.isWorthShowing
                if isWorthShowing, keyframesOnly { return true }
            }
            return isWorthShowing
        }
    }
}
