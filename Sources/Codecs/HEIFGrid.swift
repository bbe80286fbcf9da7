import Imaging

/// A picture that is stored as a grid of tiles, each coded by itself (`grid` item, ISO/IEC 23008-12 section 6.6.2.3).
///
/// Phones store every HEIC so. Decoded tile by tile, each averaged down at once, a photo of 200 megapixels takes the
/// memory of its small result and one tile.
struct HEIFGrid {
    /// As stored, before `orientation`.
    let size: PixelSize
    /// From the `irot` property.
    let orientation: Orientation
    private let columns: Int
    private let tileSize: PixelSize
    /// Row after row.
    private let tiles: [HEIFTile]

    /// Tiles are averaged in boxes of a power of two, which divides them evenly (their chroma planes too).
    private static let largestFactor = 32
    private static let tileUnit = 64
    private static let largestTile = 2048 * 2048

    /// Nil where the primary item is no grid, or one that is better left to libheif as a whole: cropped, or with tiles of
    /// unusual sizes.
    init?(_ items: HEIFItems) {
        guard items.types[items.primary] == "grid", let parts = items.parts[items.primary],
            let layout = items.data(of: items.primary), layout.count >= 8, layout[0] == 0
        else { return nil }
        let isWide = layout[1] & 1 != 0
        func side(_ index: Int) -> Int? {
            isWide
                ? layout.bigEndian(UInt32.self, at: 4 + 4 * index).map(Int.init)
                : layout.bigEndian(UInt16.self, at: 4 + 2 * index).map(Int.init)
        }
        let rows = Int(layout[2]) + 1
        columns = Int(layout[3]) + 1
        guard let width = side(0), let height = side(1), width > 0, height > 0, parts.count == rows * columns,
            let tileSize = Self.size(of: parts[0], items), let orientation = Self.orientation(items.properties(of: items.primary))
        else { return nil }
        guard tileSize.width.isMultiple(of: Self.tileUnit), tileSize.height.isMultiple(of: Self.tileUnit),
            tileSize.area <= Self.largestTile, tileSize.width * columns >= width, tileSize.height * rows >= height,
            tileSize.width * (columns - 1) < width, tileSize.height * (rows - 1) < height,
            let tiles = Self.tiles(parts, items)
        else { return nil }
        size = PixelSize(width: width, height: height)
        self.tiles = tiles
        self.tileSize = tileSize
        self.orientation = orientation
    }

    /// The greatest factor that leaves at least `minimum`.
    static func factor(of size: PixelSize, atLeast minimum: PixelSize) -> Int {
        let most = min(BoxReduction.factor(from: size, atLeast: minimum), largestFactor)
        return 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
    }

    static func workingBytes(_ info: ImageInfo, atLeast minimum: PixelSize) -> Int {
        let result = BoxReduction.reducedSize(of: info.storedSize, by: factor(of: info.storedSize, atLeast: minimum)).area * 3
        let tile = usualTileBytes + max(0, (info.tileArea ?? usualTileArea) - usualTileArea) * bytesOfTilePixel
        return result + tile * (info.bitDepth > 8 ? 2 : 1)
    }

    var tileArea: Int { tileSize.area }

    /// What the codec takes for one tile of 512 × 512 with its tables; measured with libde265.
    private static let usualTileBytes = 8 << 20
    private static let usualTileArea = 512 * 512
    /// For each pixel of a larger one: the codec's picture, libheif's and ours, of 4:4:4 at most.
    private static let bytesOfTilePixel = 9

    /// Decodes all tiles, each averaged by a factor that `factor(of:atLeast:)` gave.
    func decode(_ format: ImageFormat, color: HEIFColor?, factor: Int) throws(CodecError) -> Raster {
        let target = BoxReduction.reducedSize(of: size, by: factor)
        var result: Raster?
        for (index, tile) in tiles.enumerated() {
            let raster = try decode(tile, format, color, factor)
            if result == nil { result = Self.canvas(target, like: raster) }
            let (column, row) = (index % columns, index / columns)
            guard result!.model == raster.model else {
                throw .corrupt(format, .init(.tileKinds))
            }
            for plane in raster.planes.indices {
                Self.copy(raster.planes[plane], to: &result!.planes[plane], column: column, row: row)
            }
        }
        guard let result else { throw .corrupt(format, .init(.noTiles)) }
        return result
    }

    private func decode(_ tile: HEIFTile, _ format: ImageFormat, _ color: HEIFColor?, _ factor: Int) throws(CodecError) -> Raster {
        let file = tile.file()
        return try file.withUnsafeBufferPointer { (bytes) throws(CodecError) -> Raster in
            let image = try HEIFContext(UnsafeRawBufferPointer(bytes), format).primaryImage()
            let pixels = try image.decode(color)
            guard pixels.size == tileSize else { throw .corrupt(format, .init(.tileSize)) }
            return try pixels.raster(factor: factor)
        }
    }

    /// A raster of the size, with planes subsampled as those of a tile are.
    private static func canvas(_ size: PixelSize, like tile: Raster) -> Raster {
        let planes = tile.planes.map { plane in
            Plane(
                width: plane.width == tile.size.width ? size.width : (size.width + 1) / 2,
                height: plane.height == tile.size.height ? size.height : (size.height + 1) / 2, filledWith: 0)
        }
        return Raster(size: size, model: tile.model, planes: planes)
    }

    private static func copy(_ tile: Plane, to plane: inout Plane, column: Int, row: Int) {
        let (left, top) = (column * tile.width, row * tile.height)
        let (width, height) = (min(tile.width, plane.width - left), min(tile.height, plane.height - top))
        guard width > 0, height > 0 else { return }
        let stride = plane.stride
        plane.samples.withUnsafeMutableBufferPointer { target in
            tile.samples.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    (target.baseAddress! + (top + y) * stride + left)
                        .update(from: source.baseAddress! + y * tile.stride, count: width)
                }
            }
        }
    }

    /// What each tile needs to stand alone: its own properties, with the whole picture's colours. Nil where one is missing.
    private static func tiles(_ parts: [UInt32], _ items: HEIFItems) -> [HEIFTile]? {
        let colors = items.properties(of: items.primary).filter { $0.type == "colr" }
        var tiles: [HEIFTile] = []
        for part in parts {
            guard let type = items.types[part], type == "hvc1" || type == "av01", let data = items.data(of: part) else { return nil }
            let needed = ["hvcC", "av1C", "ispe", "pixi"] + (colors.isEmpty ? ["colr"] : [])
            let own = items.properties(of: part).filter { needed.contains($0.type) }
            let properties = own + colors
            guard !properties.isEmpty, properties.count < 128 else { return nil }
            tiles.append(HEIFTile(type: type, properties: properties, data: data))
        }
        return tiles
    }

    private static func size(of item: UInt32, _ items: HEIFItems) -> PixelSize? {
        guard let extents = items.properties(of: item).first(where: { $0.type == "ispe" })?.data,
            let width = extents.bigEndian(UInt32.self, at: 4), let height = extents.bigEndian(UInt32.self, at: 8),
            (1...65_535).contains(width), (1...65_535).contains(height)
        else { return nil }
        return PixelSize(width: Int(width), height: Int(height))
    }

    /// What the transforming properties come to; nil where one of them is not a turn.
    private static func orientation(_ properties: [(type: String, data: UnsafeRawBufferPointer)]) -> Orientation? {
        var quarterTurns = 0
        for property in properties {
            switch property.type {
            case "irot":
                guard let turns = property.data.first, turns < 4 else { return nil }
                quarterTurns += Int(turns)
            case "imir", "clap": return nil
            default: break
            }
        }
        // Counter-clockwise.
        return [.up, .left, .down, .right][quarterTurns % 4]
    }
}
