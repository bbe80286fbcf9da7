import ObjectStorage
import S3Wire

/// `?quota`, of this server: how many bytes and versions a bucket may hold.
package struct BucketQuota: ConfigurationDocument, Hashable {
    package static let documentName = "quota"
    package static let rootName = "QuotaConfiguration"

    /// Bytes of all versions; nil: as many as there is room for.
    let bytes: Int?
    /// Versions; nil: any number.
    let objects: Int?

    package init(bytes: Int?, objects: Int?) {
        self.bytes = bytes
        self.objects = objects
    }

    package init(xml root: XMLElement) throws(S3Error) {
        try root.allowOnly(["MaxBytes", "MaxObjects"])
        bytes = try root.number("MaxBytes")
        objects = try root.number("MaxObjects")
        guard bytes != nil || objects != nil, (bytes ?? 0) >= 0, (objects ?? 0) >= 0 else { throw .malformedXML }
    }

    package var children: [XMLElement] {
        var children: [XMLElement] = []
        if let bytes { children.append(XMLElement("MaxBytes", bytes)) }
        if let objects { children.append(XMLElement("MaxObjects", objects)) }
        return children
    }

    /// What it allows, in the store's terms.
    package var limit: UsageLimit { UsageLimit(bytes: bytes, versions: objects) }
}

extension DocumentCache {
    func quota(_ bucket: Bucket) throws(S3Error) -> BucketQuota? { try document(BucketQuota.self, of: bucket) }
}
