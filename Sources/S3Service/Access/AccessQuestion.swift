import Foundation
import HTTPTypes
import ObjectStorage

/// May this caller do this to that? With all of the request that a policy can make a condition of.
package struct AccessQuestion: Sendable {
    /// Nil for an anonymous caller.
    package var user: String?
    package var isRoot = false
    /// The policy of the caller's access key, as JSON.
    package var keyPolicy: String?

    package var action: S3Action
    package var bucket: Bucket?
    package var bucketName: String?
    /// Of an object, whether or not it is there.
    package var key: String?
    package var versionID: String?
    /// The object as it is; nil where there is none.
    package var object: ObjectVersion?

    package var headers: HTTPFields = [:]
    /// Names and values in order.
    package var query: [(name: String, value: String)] = []
    package var remoteAddress: String?
    package var isSecure = false
    package var time = Date()
    /// Tags that the request would set; nil: those of its `x-amz-tagging`.
    package var requestTags: [ObjectTag]?
    /// Who began the multipart upload that the request is about.
    package var uploader: String?
    /// Values of condition keys, by lower-case name, that are not those of headers and query: a POST form's fields, what a request
    /// means without saying it.
    package var overrides: [String: [String]] = [:]

    package init(user: String?, _ action: S3Action, bucket: Bucket?, key: String? = nil, object: ObjectVersion? = nil) {
        self.user = user
        self.action = action
        self.bucket = bucket
        bucketName = bucket?.name.description
        self.key = key
        self.object = object
        versionID = object?.versionID
    }

    /// The ARN of what the request is about.
    var resource: String {
        guard let bucketName else { return "arn:aws:s3:::*" }
        guard let key else { return "arn:aws:s3:::\(bucketName)" }
        return "arn:aws:s3:::\(bucketName)/\(key)"
    }
}

extension AccessQuestion {
    init(
        _ request: S3Request, _ action: S3Action, bucket: Bucket?, key: String? = nil, object: ObjectVersion? = nil,
        requestTags: [ObjectTag]? = nil
    ) {
        self.init(user: request.caller.user, action, bucket: bucket, key: key, object: object)
        isRoot = request.caller.isRoot
        keyPolicy = request.caller.policy
        bucketName = bucket?.name.description ?? request.bucket
        versionID = request.query["versionId"]
        headers = request.headers
        query = request.query.items.map { ($0.name, $0.value) }
        remoteAddress = request.remoteAddress
        isSecure = request.isSecure
        time = request.received
        self.requestTags = requestTags
    }
}
