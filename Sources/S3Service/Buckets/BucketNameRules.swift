import ObjectStorage
import S3Wire

extension BucketName {
    /// A name that a bucket may be made with: S3's rules for new buckets are stricter than for those that there are.
    ///
    /// - Throws: `InvalidBucketName`.
    static func new(_ name: String) throws(S3Error) -> BucketName {
        let isAddress =
            name.split(separator: ".", omittingEmptySubsequences: false).count == 4 && name.allSatisfy { $0.isNumber || $0 == "." }
        guard let bucket = BucketName(name), !isAddress, !name.contains(".-"), !name.contains("-."), !name.hasPrefix("xn--"),
            !name.hasPrefix("sthree-"), !name.hasSuffix("-s3alias"), !name.hasSuffix("--ol-s3")
        else { throw S3Error.invalidBucketName.with(field: "BucketName", name) }
        return bucket
    }
}
