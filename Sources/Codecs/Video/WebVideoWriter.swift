import CFFmpeg
import Imaging

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes a video as browsers play it, to a descriptor that is open for reading and writing and empty.
package enum WebVideoWriter {
    /// MP4 with H.264 and AAC, the index first, none of the source's metadata. What serves already is taken over without encoding.
    ///
    /// - Parameter progress: called about once a second at least with the share that is done, 0 to 1; false stops.
    /// - Returns: nil where it was stopped.
    package static func write(
        _ file: ImageFile, info: ImageInfo, to descriptor: Int32, _ settings: WebVideoSettings, progress: @escaping (Double) -> Bool
    ) throws(CodecError) -> WebVideo? {
        let duration = info.video?.duration ?? 0
        return try file.withBytes { bytes throws(CodecError) in
            let report = { (done: Int) in progress(duration > 0 ? min(1, Double(done) / Double(duration)) : 0) }
            var plan: WebVideoPlan?
            while true {
                let reader = try VideoReader(bytes, format: info.format, analyses: true, limits: file.videoLimits.forWholeFile(bytes.count))
                var attempt = plan ?? WebVideoPlan(info, reader.tracks, settings)
                do throws(CodecError) {
                    switch try write(reader, info, attempt, to: descriptor, settings, report) {
                    case .written(let video): return video
                    case .stopped: return nil
                    case .pictureUnfit: attempt.copiesVideo = false
                    }
                } catch .corrupt where attempt.copiesVideo || attempt.copiesAudio {
                    // Its packets are not in order, or are not all of one kind; decoding puts that right.
                    (attempt.copiesVideo, attempt.copiesAudio) = (false, false)
                }
                guard ftruncate(descriptor, 0) == 0 else { throw .failed("cannot empty the output") }
                plan = attempt
            }
        }
    }

    /// Bytes of memory that writing takes: frames that decoding refers back to, and those that the encoder looks ahead at.
    package static func workingBytes(_ info: ImageInfo, _ settings: WebVideoSettings) -> Int {
        let coded = info.video?.codedSize ?? info.storedSize
        let source = coded.area * (info.bitDepth > 8 ? 6 : 3) / 2
        let target = WebVideoPlan.size(of: info.storedSize, settings)
        return source * framesHeld + target.area * (3 * framesAhead / 2 + 9) + overhead
    }

    /// The most that H.264 and HEVC refer back to, and those on their way.
    private static let framesHeld = 20
    private static let framesAhead = 80
    private static let overhead = 48 << 20

    /// The same as fragmented MP4, one fragment a segment, from what `write` wrote.
    ///
    /// - Parameter alive: called after each segment.
    /// - Returns: RFC 6381's name of its codecs, and the segments.
    package static func writeSegments(
        of web: ImageFile, to descriptor: Int32, _ settings: WebVideoSettings, duration: Int, alive: @escaping () -> Void = {}
    ) throws(CodecError) -> (codecs: String, segments: [WebVideo.Segment]) {
        try web.withBytes { bytes throws(CodecError) in
            let reader = try VideoReader(bytes, format: .mp4, analyses: true, limits: web.videoLimits.forWholeFile(bytes.count))
            return try reader.writeSegments(to: descriptor, bytes: settings.outputBytes, duration: duration, alive: alive)
        }
    }

    private enum Outcome {
        case written(WebVideo)
        case stopped
        case pictureUnfit
    }

    private static func write(
        _ reader: borrowing VideoReader, _ info: ImageInfo, _ plan: WebVideoPlan, to descriptor: Int32, _ settings: WebVideoSettings,
        _ progress: @escaping (Int) -> Bool
    ) throws(CodecError) -> Outcome {
        let range = info.video?.dynamicRange
        let isMapped = range != nil && !plan.copiesVideo
        let color = isMapped ? WebVideoColor.bt709 : WebVideoColor(reader.facts)
        // Tags of a high dynamic range without a matrix are common; it is BT.2020's then.
        let source: Int32 = isMapped ? (reader.facts.coefficients == 1 ? 1 : 9) : color.coefficients
        var options = cffmpeg_web_options()
        options.output = descriptor
        options.output_bytes = Int64(settings.outputBytes)
        options.milliseconds = Int64(settings.longestDuration)
        options.copies_video = plan.copiesVideo ? 1 : 0
        options.copies_audio = plan.copiesAudio ? 1 : 0
        options.is_segmented = settings.segmentDuration == nil ? 0 : 1
        options.width = UInt32(plan.size.width)
        options.height = UInt32(plan.size.height)
        options.quality = Int32(settings.quality)
        options.video_bit_rate = Int64(settings.videoBitRate)
        options.audio_bit_rate = Int64(settings.audioBitRate)
        options.frame_rate = settings.frameRate
        options.threads = Int32(settings.threads)
        options.primaries = color.primaries
        options.transfer = color.transfer
        options.coefficients = color.coefficients
        options.source_coefficients = source
        let cube = isMapped ? ToneMapping(range!).cube(isWide: reader.facts.primaries != 1) : []
        options.cube_side = Int32(ToneMapping.cubeSide)
        switch try reader.writeWeb(&options, preset: settings.preset, cube: cube, progress) {
        case .stopped: return .stopped
        case .pictureUnfit: return .pictureUnfit
        case .written(let written):
            let size = plan.copiesVideo ? info.storedSize : plan.size
            return .written(
                WebVideo(
                    size: info.orientation.displaySize(of: size), isRemuxed: plan.copiesVideo, duration: Int(written.milliseconds),
                    frames: Int(written.frames), lacksSound: written.lacks_audio != 0))
        }
    }
}
