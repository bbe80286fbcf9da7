import CFFmpeg
import Imaging

/// An open video: its track is chosen, its frames come one after another. Used by one thread.
struct VideoReader: ~Copyable {
    private let handle: OpaquePointer
    private let format: ImageFormat
    private(set) var facts: cffmpeg_info

    /// - Parameters:
    ///   - bytes: the whole file; must outlive the reader.
    ///   - analyses: reads on until what the header leaves out is known.
    init(
        _ bytes: UnsafeRawBufferPointer, format: ImageFormat, analyses: Bool, limits: cffmpeg_limits
    ) throws(CodecError) {
        var handle: OpaquePointer?
        var facts = cffmpeg_info()
        var limits = limits
        var message = [CChar](repeating: 0, count: Int(CFFMPEG_MESSAGE))
        let status = cffmpeg_open(
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, format.demuxer, analyses ? 1 : 0, &limits, &handle, &facts,
            &message)
        guard status == cffmpeg_ok, let handle else { throw Self.error(status, format, message) }
        self.handle = handle
        self.format = format
        self.facts = facts
    }

    deinit { cffmpeg_close(handle) }

    /// Whether the header leaves out how long the video is, or how many frames it has a second.
    var leavesOut: Bool { facts.duration_ms <= 0 || facts.frame_rate <= 0 }

    /// Reads on to the end for that, as far as the limits allow. Nothing else can be read afterwards.
    mutating func measure() { cffmpeg_measure(handle, &facts) }

    /// - Parameter halvings: how often the decoder may halve a frame, where it can.
    func start(halvings: Int) throws(CodecError) {
        var message = [CChar](repeating: 0, count: Int(CFFMPEG_MESSAGE))
        let status = cffmpeg_start(handle, Int32(halvings), &message)
        guard status == cffmpeg_ok else { throw Self.error(status, format, message) }
    }

    /// Goes to the keyframe before a time, in milliseconds; false where the file has no index to go by: it stands at its start then.
    @discardableResult
    func seek(to time: Int) -> Bool { cffmpeg_seek(handle, Int64(time)) == cffmpeg_ok }

    /// Decodes the next frame that no keyframe is missing for; false where there is none.
    /// - Parameter takesDamaged: also a frame whose decoder says that it is not whole.
    func next(keyframesOnly: Bool, takesDamaged: Bool = false) throws(CodecError) -> Bool {
        switch cffmpeg_next(handle, keyframesOnly ? 1 : 0, takesDamaged ? 1 : 0) {
        case cffmpeg_ok: return true
        case cffmpeg_no_memory: throw .noMemory
        default: return false
        }
    }

    /// Keeps the present frame beside those that follow; the one kept before is let go.
    func keep() throws(CodecError) {
        guard cffmpeg_keep(handle) == cffmpeg_ok else { throw .noMemory }
    }

    var present: cffmpeg_frame { describe(kept: false) }
    var kept: cffmpeg_frame { describe(kept: true) }

    private func describe(kept: Bool) -> cffmpeg_frame {
        var frame = cffmpeg_frame()
        cffmpeg_describe(handle, kept ? 1 : 0, &frame)
        return frame
    }

    /// The present frame's luma, range as it is.
    func luma(_ size: PixelSize) throws(CodecError) -> Plane {
        try planes([size], layout: cffmpeg_luma, size: size, kept: false)[0]
    }

    /// The kept frame in planes of 8 bits, range and matrix as they are.
    /// - Parameter chroma: the size of the second and third plane, as `layout` has it.
    func ycbcr(_ layout: cffmpeg_layout, _ size: PixelSize, chroma: PixelSize) throws(CodecError) -> [Plane] {
        try planes([size, chroma, chroma], layout: layout, size: size, kept: true)
    }

    /// The kept frame as interleaved RGB of full range: 3 × width × height samples.
    func rgb<Sample: FixedWidthInteger & UnsignedInteger>(
        _ sample: Sample.Type, _ size: PixelSize, coefficients: Int32, isFullRange: Bool
    ) throws(CodecError) -> [Sample] {
        let layout = MemoryLayout<Sample>.size == 1 ? cffmpeg_rgb24 : cffmpeg_rgb48
        var status = cffmpeg_ok
        // Whole vectors: swscale writes a little beyond a row's end.
        let stride = (size.width * 3 * MemoryLayout<Sample>.size + 63) & ~63
        let samples = [Sample](unsafeUninitializedCapacity: size.area * 3) { target, count in
            let padded = UnsafeMutableRawPointer.allocate(byteCount: stride * size.height + 64, alignment: 64)
            defer { padded.deallocate() }
            let pointers = [padded.assumingMemoryBound(to: UInt8.self), nil, nil, nil]
            status = cffmpeg_convert(
                handle, 1, layout, coefficients, isFullRange ? 1 : 0, UInt32(size.width), UInt32(size.height), pointers,
                [Int32(stride), 0, 0, 0])
            count = size.area * 3
            for y in 0..<size.height {
                let row = (padded + y * stride).assumingMemoryBound(to: Sample.self)
                (target.baseAddress! + y * size.width * 3).initialize(from: row, count: size.width * 3)
            }
        }
        guard status == cffmpeg_ok else { throw Self.error(status, format, []) }
        return samples
    }

    private func planes(_ sizes: [PixelSize], layout: cffmpeg_layout, size: PixelSize, kept: Bool) throws(CodecError) -> [Plane] {
        let strides = sizes.map { ($0.width + 63) & ~63 }
        let buffers = zip(sizes, strides).map { size, stride in
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: stride * size.height + 64)
            buffer.initialize(repeating: 0)
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let pointers = buffers.map(\.baseAddress) + [UnsafeMutablePointer<UInt8>?](repeating: nil, count: 4 - buffers.count)
        let status = cffmpeg_convert(
            handle, kept ? 1 : 0, layout, 0, 0, UInt32(size.width), UInt32(size.height), pointers,
            strides.map(Int32.init) + [Int32](repeating: 0, count: 4 - strides.count))
        guard status == cffmpeg_ok else { throw Self.error(status, format, []) }
        return zip(buffers.indices, sizes).map { index, size in
            Plane(width: size.width, height: size.height, stride: strides[index], samples: Array(buffers[index]))
        }
    }

    /// What a rendition for the web is decided by.
    var tracks: cffmpeg_tracks {
        var tracks = cffmpeg_tracks()
        cffmpeg_describe_tracks(handle, &tracks)
        return tracks
    }

    /// How writing for browsers ended, where it did not fail.
    enum WebOutcome {
        case written(cffmpeg_written)
        case stopped
        /// The picture cannot be taken over as it is.
        case pictureUnfit
    }

    /// - Parameter progress: gets milliseconds of the video; false stops.
    func writeWeb(
        _ options: inout cffmpeg_web_options, preset: String, cube: [UInt8], _ progress: @escaping (Int) -> Bool
    ) throws(CodecError) -> WebOutcome {
        let report = Report(progress)
        var written = cffmpeg_written()
        var message = [CChar](repeating: 0, count: Int(CFFMPEG_MESSAGE))
        options.context = Unmanaged.passUnretained(report).toOpaque()
        options.progress = { context, milliseconds in
            Unmanaged<Report>.fromOpaque(context!).takeUnretainedValue().body(Int(milliseconds)) ? 0 : 1
        }
        let status = withExtendedLifetime(report) {
            preset.withCString { preset in
                cube.withUnsafeBufferPointer { cube in
                    options.preset = preset
                    options.cube = cube.isEmpty ? nil : cube.baseAddress
                    return cffmpeg_write_web(handle, &options, &written, &message)
                }
            }
        }
        switch status {
        case cffmpeg_ok: return .written(written)
        case cffmpeg_end: return .stopped
        case cffmpeg_encode: return .pictureUnfit
        case cffmpeg_full: throw .outputTooLarge(allowed: Int(options.output_bytes))
        case cffmpeg_no_space: throw .noSpace
        case cffmpeg_too_long:
            let allowed = Int(options.milliseconds) / 1000
            throw .tooLong(seconds: allowed + 1, allowed: allowed)
        default: throw Self.error(status, format, message)
        }
    }

    /// - Parameters:
    ///   - bytes: written at most.
    ///   - duration: of a segment, in milliseconds at least.
    ///   - alive: called after each.
    func writeSegments(
        to descriptor: Int32, bytes: Int, duration: Int, alive: @escaping () -> Void
    ) throws(CodecError) -> (codecs: String, segments: [WebVideo.Segment]) {
        let list = SegmentList(alive)
        var codecs = [CChar](repeating: 0, count: Int(CFFMPEG_NAME))
        var message = [CChar](repeating: 0, count: Int(CFFMPEG_MESSAGE))
        let status = withExtendedLifetime(list) {
            cffmpeg_write_segments(
                handle, descriptor, Int64(bytes), Int64(duration),
                { context, segment in
                    Unmanaged<SegmentList>.fromOpaque(context!).takeUnretainedValue().append(
                        WebVideo.Segment(offset: Int(segment.offset), size: Int(segment.size), duration: Int(segment.duration)))
                }, Unmanaged.passUnretained(list).toOpaque(), &codecs, &message)
        }
        if status == cffmpeg_full { throw .outputTooLarge(allowed: bytes) }
        if status == cffmpeg_no_space { throw .noSpace }
        guard status == cffmpeg_ok else { throw Self.error(status, format, message) }
        return (String(decoding: codecs.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self), list.segments)
    }

    /// What C calls back with.
    private final class Report {
        let body: (Int) -> Bool
        init(_ body: @escaping (Int) -> Bool) { self.body = body }
    }

    private final class SegmentList {
        private(set) var segments: [WebVideo.Segment] = []
        private let alive: () -> Void
        init(_ alive: @escaping () -> Void) { self.alive = alive }
        func append(_ segment: WebVideo.Segment) {
            segments.append(segment)
            alive()
        }
    }

    private static func error(_ status: cffmpeg_status, _ format: ImageFormat, _ message: [CChar]) -> CodecError {
        let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return switch status {
        case cffmpeg_no_memory: .noMemory
        case cffmpeg_unsupported: .unsupported(format, FileFlaw(shim: text, otherwise: .codec))
        case cffmpeg_no_video: .unsupported(format, .init(.noMovingPictures))
        default: .corrupt(format, FileFlaw(shim: text, otherwise: .noFrames))
        }
    }
}
