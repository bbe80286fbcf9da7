import Foundation
import HTTPTypes
import ObjectStorage
import S3Wire
import WebAPI

/// DeleteObject and DeleteObjects.
extension S3Core {
    func deleteObject(_ request: S3Request, _ bucket: Bucket, _ key: ObjectKey) async throws -> S3Response {
        let versionID = request.query["versionId"]
        let deletion = try await deletion(key, versionID, DeleteConditions(request.headers), request, bucket)
        let outcome = try await store.delete([deletion], in: bucket.name).first ?? .nothing
        var headers: HTTPFields = [:]
        switch outcome {
        case .nothing:
            headers[.versionID] = versionID
        case .deleted(let version):
            if versionID != nil { headers[.versionID] = version.versionID }
            if version.isDeleteMarker { headers[.deleteMarker] = "true" }
        case .marked(let marker):
            headers[.deleteMarker] = "true"
            headers[.versionID] = marker.versionID
        case .refused(is NothingThere):
            headers[.versionID] = versionID
        case .refused(let error): throw error
        }
        return S3Response(.noContent, headers: headers)
    }

    /// What is to be deleted, with what keeps it from being: conditions, retention, legal hold.
    func deletion(
        _ key: ObjectKey, _ versionID: String?, _ conditions: DeleteConditions, _ request: S3Request, _ bucket: Bucket
    ) async throws -> VersionedObjectStore.Deletion {
        let action: S3Action = versionID == nil ? .deleteObject : .deleteObjectVersion
        let current = try await find(key, versionID, bucket)
        try rules.authorize(request, action, bucket, key: key, object: current)
        let lock = rules.deletionGuard(request, bucket, key: key, versionID: versionID)
        return VersionedObjectStore.Deletion(
            key: key, versionID: versionID, owner: request.caller.user ?? AccessDecider.anonymousOwner, from: request.origin(.deletion),
            guard: { current in
                try lock?(current)
                if !conditions.isEmpty {
                    // A condition on what is not there leaves no marker behind.
                    guard current != nil else { throw NothingThere() }
                    try conditions.check(current)
                }
            })
    }

    func deleteObjects(_ request: S3Request, _ bucket: Bucket) async throws -> S3Response {
        // A list that a broken connection changed would delete what nobody named.
        guard Payload.hasDigest(request.headers) else {
            throw S3Error.invalidRequest.with(message: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
        }
        // Each key is asked for below. Where nothing is for everybody, whoever says no name need not be listened to.
        guard try request.caller.user != nil || rules.isOpen(bucket) else { throw S3Error.accessDenied }
        // A thousand keys of a thousand bytes; AWS takes no more either.
        let document = try XMLElement(s3: try await request.document(limit: 2 << 20), root: "Delete")
        let isQuiet = document["Quiet"]?.text == "true"
        let objects = document.all("Object")
        guard !objects.isEmpty, objects.count <= 1000 else { throw S3Error.malformedXML }
        var results = [Result?](repeating: nil, count: objects.count)
        var deletions: [(index: Int, deletion: VersionedObjectStore.Deletion)] = []
        for (index, object) in objects.enumerated() {
            guard let name = object["Key"]?.text else { throw S3Error.malformedXML }
            let versionID = object["VersionId"].flatMap { $0.text.isEmpty ? nil : $0.text }
            do {
                guard let key = ObjectKey(name) else { throw S3Error.keyTooLong }
                var conditions = DeleteConditions()
                conditions.etags = ETagConditions.tags(object["ETag"]?.text)
                conditions.modified = try object["LastModifiedTime"].map { try Self.seconds($0.text) }
                conditions.size = try object["Size"].map { element throws(S3Error) in
                    guard let size = Int(element.text) else { throw S3Error.malformedXML }
                    return size
                }
                deletions.append((index, try await deletion(key, versionID, conditions, request, bucket)))
            } catch let error as S3Error {
                results[index] = Result(key: name, versionID: versionID, outcome: .refused(error))
            }
        }
        let outcomes = try await store.delete(deletions.map(\.deletion), in: bucket.name)
        for ((index, deletion), outcome) in zip(deletions, outcomes) {
            results[index] = Result(key: deletion.key.description, versionID: deletion.versionID, outcome: outcome)
        }
        var xml = XMLWriter(root: "DeleteResult")
        for result in results.compactMap({ $0 }) { write(result, isQuiet, to: &xml) }
        return S3Response(body: .bytes(xml.finish()))
    }

    /// There is nothing that a condition could hold for.
    private struct NothingThere: Error {}

    private struct Result {
        let key: String
        let versionID: String?
        let outcome: VersionedObjectStore.DeletionOutcome
    }

    private func write(_ result: Result, _ isQuiet: Bool, to xml: inout XMLWriter) {
        if case .refused(let error) = result.outcome, !(error is NothingThere) {
            let error = Self.s3Error(error) ?? .internalError
            xml.open("Error")
            xml.element("Key", result.key)
            if let id = result.versionID { xml.element("VersionId", id) }
            xml.element("Code", error.code)
            xml.element("Message", error.message)
            xml.close("Error")
            return
        }
        guard !isQuiet else { return }
        xml.open("Deleted")
        xml.element("Key", result.key)
        if let id = result.versionID { xml.element("VersionId", id) }
        switch result.outcome {
        case .deleted(let version) where version.isDeleteMarker && result.versionID != nil:
            xml.element("DeleteMarker", "true")
            xml.element("DeleteMarkerVersionId", version.versionID)
        case .marked(let marker):
            xml.element("DeleteMarker", "true")
            xml.element("DeleteMarkerVersionId", marker.versionID)
        default: break
        }
        xml.close("Deleted")
    }

    /// Since 1970, of a time in either of the forms that clients send.
    private static func seconds(_ text: String) throws(S3Error) -> Int64 {
        if let date = HTTPDate.parse(text) { return Int64(date.timeIntervalSince1970) }
        guard let milliseconds = Timestamp.milliseconds(text) else { throw S3Error.malformedXML }
        return milliseconds / 1000
    }
}
