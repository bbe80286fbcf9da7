import HTTPTypes

/// The checksums that S3 keeps with objects.
public enum ChecksumAlgorithm: String, Sendable, Hashable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// In either case, as clients write it.
    public init?(name: String) { self.init(rawValue: name.uppercased()) }

    /// `x-amz-checksum-crc32` and so on.
    public var headerName: HTTPField.Name {
        switch self {
        case .crc32: Self.crc32Header
        case .crc32c: Self.crc32cHeader
        case .crc64nvme: Self.crc64nvmeHeader
        case .sha1: Self.sha1Header
        case .sha256: Self.sha256Header
        }
    }

    /// The element that carries it in documents: `ChecksumCRC32` and so on.
    public var elementName: String { "Checksum" + rawValue }

    /// Bytes of a value.
    public var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Whether the checksum of a whole object can be told from those of its parts (`FULL_OBJECT`).
    public var canBeFullObject: Bool { polynomial != nil }

    /// Whether objects in parts can have a checksum of checksums (`COMPOSITE`).
    public var canBeComposite: Bool { self != .crc64nvme }

    /// Whether it is the Base64 of a value of this algorithm, without `-N`.
    public func isValid(_ value: String) -> Bool { Base64.decode(value)?.count == byteCount }

    /// The register's width in bits and the reflected polynomial.
    var polynomial: (width: Int, value: UInt64)? {
        switch self {
        case .crc32: (32, 0xEDB8_8320)
        case .crc32c: (32, 0x82F6_3B78)
        case .crc64nvme: (64, 0x9A6C_9329_AC4B_C9B5)
        case .sha1, .sha256: nil
        }
    }

    private static let crc32Header = HTTPField.Name("x-amz-checksum-crc32")!
    private static let crc32cHeader = HTTPField.Name("x-amz-checksum-crc32c")!
    private static let crc64nvmeHeader = HTTPField.Name("x-amz-checksum-crc64nvme")!
    private static let sha1Header = HTTPField.Name("x-amz-checksum-sha1")!
    private static let sha256Header = HTTPField.Name("x-amz-checksum-sha256")!
}
