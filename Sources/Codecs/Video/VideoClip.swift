import CFFmpeg
import Imaging

/// Some seconds of a video, from its poster on: what a short preview is made of.
package enum VideoClip {
    /// Hands frames to `take`, in order: at least one, which is the poster where nothing else can be decoded. As stored, colours as
    /// `VideoDecoder` gives them; `start` counts from the first.
    ///
    /// - Parameters:
    ///   - minimum: frames come at a size from this (in stored axes) to the stored size.
    ///   - duration, interval: of the clip and between two of its frames, in milliseconds. A clip is shorter where the video is, or where
    ///     it would take more than `VideoLimits.clipPixels` to decode.
    /// - Returns: milliseconds of the clip.
    /// - Throws: `CodecError` where no frame can be decoded; what `take` throws.
    package static func decode(
        _ file: ImageFile, info: ImageInfo, atLeast minimum: PixelSize, duration: Int, interval: Int,
        _ take: (AnimationFrame) throws -> Void
    ) throws -> Int {
        let factor = BoxReduction.factor(from: info.storedSize, atLeast: minimum)
        let size = BoxReduction.reducedSize(of: info.storedSize, by: factor)
        return try file.withBytes { (bytes) throws -> Int in
            let reader = try VideoDecoder.openPoster(bytes, info: info, factor: factor, limits: file.videoLimits)
            func frame(at start: Int) throws -> AnimationFrame {
                AnimationFrame(raster: try VideoColor.raster(reader, size: size), extent: PixelRect(of: size), start: start)
            }
            var clip = Clip(reader, info: info, duration: duration, interval: interval)
            while let start = try clip.keepNext(reader) { try take(frame(at: start)) }
            if clip.last == nil {
                try VideoDecoder.keepPoster(reader, info: info)
                try take(frame(at: 0))
            }
            return min((clip.last ?? 0) + interval, duration)
        }
    }

    /// Which of a reader's frames belong to a clip.
    private struct Clip {
        let duration: Int
        let interval: Int
        /// In the video's time.
        private let start: Int
        /// For files that do not tell when a frame is shown.
        private let usualInterval: Double
        private let pixelsPerFrame: Int
        private var pixelsLeft = VideoLimits.clipPixels
        private var framesSeen = 0
        private var first: Int?
        private var due = 0
        /// When the last frame that was kept is shown, from the first on.
        private(set) var last: Int?

        /// Goes to where the clip begins: at the frame that is kept, or so long before the video's end as the clip takes.
        init(_ reader: borrowing VideoReader, info: ImageInfo, duration: Int, interval: Int) {
            self.duration = duration
            self.interval = interval
            let poster = max(0, Int(reader.kept.milliseconds))
            let latest = info.video?.duration.map { max(0, $0 - duration) } ?? poster
            let start = min(poster, latest)
            // From the first frame on where the file cannot be searched.
            self.start = reader.seek(to: start) ? start : 0
            usualInterval = 1000 / (info.video?.frameRate ?? 25)
            pixelsPerFrame = (info.video?.codedSize ?? info.storedSize).area
        }

        /// Keeps the next frame of the clip in the reader and returns when it is shown; nil at the clip's end.
        mutating func keepNext(_ reader: borrowing VideoReader) throws(CodecError) -> Int? {
            while pixelsLeft > 0, try reader.next(keyframesOnly: false, takesDamaged: true) {
                pixelsLeft -= pixelsPerFrame
                let told = Int(reader.present.milliseconds)
                let time = told >= 0 ? told : start + Int(Double(framesSeen) * usualInterval)
                framesSeen += 1
                guard time >= start else { continue }
                let shown = time - (first ?? time)
                guard shown < duration else { return nil }
                guard first == nil || shown >= due else { continue }
                first = first ?? time
                last = shown
                due = (shown / interval + 1) * interval
                try reader.keep()
                return shown
            }
            return nil
        }
    }
}
