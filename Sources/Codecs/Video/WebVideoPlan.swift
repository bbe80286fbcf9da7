import CFFmpeg
import Imaging

/// What of a video is taken over as it is, and what is encoded anew.
struct WebVideoPlan: Equatable {
    var copiesVideo: Bool
    var copiesAudio: Bool
    /// Of encoded frames, in stored axes.
    let size: PixelSize

    init(_ info: ImageInfo, _ tracks: cffmpeg_tracks, _ settings: WebVideoSettings) {
        size = Self.size(of: info.storedSize, settings)
        copiesVideo = Self.serves(info, tracks, settings)
        copiesAudio = tracks.is_aac_lc != 0 && (1...2).contains(tracks.channels) && tracks.sample_rate <= 48_000
    }

    /// Within the box whichever way the video stands, never larger than it is, even on both sides as 4:2:0 needs it.
    static func size(of stored: PixelSize, _ settings: WebVideoSettings) -> PixelSize {
        let factor = min(
            1, Double(settings.longSide) / Double(stored.longSide),
            Double(settings.shortSide) / Double(min(stored.width, stored.height)))
        func even(_ side: Int) -> Int { max(2, Int((Double(side) * factor).rounded()) & ~1) }
        return PixelSize(width: even(stored.width), height: even(stored.height))
    }

    /// What every browser plays: H.264 up to High profile and level 4.2, 4:2:0 of 8 bits, in this size, at this rate.
    private static func serves(_ info: ImageInfo, _ tracks: cffmpeg_tracks, _ settings: WebVideoSettings) -> Bool {
        guard let video = info.video, video.dynamicRange == nil, video.codedSize == info.storedSize else { return false }
        // AVI does not say when a frame is shown.
        guard info.format != .avi else { return false }
        let isSmall =
            info.storedSize.longSide <= settings.longSide
            && min(info.storedSize.width, info.storedSize.height) <= settings.shortSide
        let rate = tracks.video_bit_rate > 0 ? Int(tracks.video_bit_rate) : video.bitRate ?? .max
        return tracks.is_h264 != 0 && tracks.is_420_of_8_bits != 0 && tracks.is_progressive != 0 && isSmall
            && rate <= settings.videoBitRate && (video.frameRate ?? .infinity) <= settings.frameRate + 0.5
            && profiles.contains(Int(tracks.profile)) && (1...42).contains(tracks.level)
    }

    /// Baseline, constrained baseline, main and high (ITU-T H.264 annex A).
    private static let profiles = [66, 66 | 1 << 9, 77, 100]
}

/// The colours that are written, by ITU-T H.273. A code that is reserved or cannot be true becomes the one that it is shown by anyway.
struct WebVideoColor: Equatable {
    let primaries: Int32
    let transfer: Int32
    let coefficients: Int32

    static let bt709 = WebVideoColor(primaries: 1, transfer: 1, coefficients: 1)
    private static let unspecified: Int32 = 2

    private init(primaries: Int32, transfer: Int32, coefficients: Int32) {
        self.primaries = primaries
        self.transfer = transfer
        self.coefficients = coefficients
    }

    init(_ facts: cffmpeg_info) {
        let known: Set<Int32> = [1, 4, 5, 6, 7, 9, 10]
        primaries = [1, 4, 5, 6, 7, 8, 9, 11, 12].contains(facts.primaries) ? facts.primaries : Self.unspecified
        transfer = [1, 4, 5, 6, 7, 8, 11, 13, 14, 15].contains(facts.transfer) ? facts.transfer : Self.unspecified
        coefficients = known.contains(facts.coefficients) ? facts.coefficients : facts.height >= 720 ? 1 : 6
    }
}
