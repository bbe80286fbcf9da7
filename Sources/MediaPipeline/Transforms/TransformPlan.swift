import Codecs
import Imaging

/// How one transform will be carried out: a pure function of the picture's header and the operations.
struct TransformPlan {
    /// The picture's header with the turns of the operations in its orientation: they cost nothing more.
    let info: ImageInfo
    let operations: TransformOperations
    let format: OutputFormat
    let limits: TransformLimits
    /// The area of `crop`, or the whole picture; in whole pixels of the upright picture.
    let region: PixelRect
    /// Nil where `trim` must look at the pixels first.
    let layout: TransformLayout?
    /// In stored axes.
    let decodedAtLeast: PixelSize
    /// Bytes at the peak.
    let estimatedBytes: Int

    /// - Parameters:
    ///   - operations: resolved (`TransformOperations.resolved`).
    ///   - watermark: the header of the picture laid over it.
    /// - Throws: `TransformError`.
    init(
        _ info: ImageInfo, _ operations: TransformOperations, as format: OutputFormat, watermark: ImageInfo?, limits: TransformLimits
    ) throws(TransformError) {
        var turned = info
        turned.orientation = operations.orientation(after: info.orientation)
        self.info = turned
        self.operations = operations
        self.format = format
        self.limits = limits
        let display = turned.displaySize
        region = try Self.region(operations.area, of: display)
        let size = PixelSize(width: Int(region.width), height: Int(region.height))
        if operations.trim != nil {
            // To the pixel, so every pixel is looked at.
            layout = nil
            decodedAtLeast = info.storedSize
        } else {
            let layout = try TransformLayout(operations, region: size, limits: limits)
            self.layout = layout
            func side(_ length: Int) -> Int { max(1, min(length, Int((Double(length) * layout.scale).rounded(.up)))) }
            let minimum = PixelSize(width: side(display.width), height: side(display.height))
            decodedAtLeast = turned.orientation.swapsAxes ? minimum.transposed : minimum
        }
        estimatedBytes = Self.bytes(turned, decodedAtLeast, layout, region, operations, format, watermark, limits)
    }

    private static func region(_ area: TransformOperations.Area?, of display: PixelSize) throws(TransformError) -> PixelRect {
        guard let area else { return PixelRect(of: display) }
        let (width, height) = (min(area.width, display.width - area.x), min(area.height, display.height - area.y))
        guard width >= 1, height >= 1 else { throw .outside(width: display.width, height: display.height) }
        return PixelRect(x: Double(area.x), y: Double(area.y), width: Double(width), height: Double(height))
    }

    private static func bytes(
        _ info: ImageInfo, _ minimum: PixelSize, _ layout: TransformLayout?, _ region: PixelRect, _ operations: TransformOperations,
        _ format: OutputFormat, _ watermark: ImageInfo?, _ limits: TransformLimits
    ) -> Int {
        let regionArea = Int(region.width * region.height)
        // What is left after `trim` is not known yet: at worst all of it, or as much as may be.
        let canvas = layout?.canvas ?? PixelSize(width: operations.enlarges ? max(regionArea, limits.pixels) : regionArea, height: 1)
        let step = CascadeStep(source: nil, placement: Placement(source: region, target: canvas), renditions: [], isPlaceholder: false)
        let plain = RenderMemory.estimate(info, decodedAtLeast: minimum, steps: [step], formats: [format])
        // One after the other, so the greatest counts. The region is there in RGB and once more while it is turned; filters have
        // a raster of at most four channels before and after, and copies of one.
        let trimming = layout == nil ? ImageDecoder.workingBytes(info, atLeast: minimum) + regionArea * 8 : 0
        let filtering = canvas.area * 16
        let marking = watermark.map { ImageDecoder.workingBytes($0, atLeast: $0.storedSize) + $0.storedSize.area * 4 } ?? 0
        return max(plain, trimming, filtering + marking)
    }
}
