import HTTPTypes
import NIOCore

/// An error as S3 answers it: a code that clients act on, a status, and an XML body.
public struct S3Error: Error, Sendable {
    /// As in the S3 API reference, `NoSuchKey`.
    public var code: String
    public var status: HTTPResponse.Status
    public var message: String
    /// Further elements of the body, in order.
    public var fields: [(name: String, value: String)]
    /// Sent with the answer.
    public var headers: HTTPFields

    public init(
        _ code: String, _ status: HTTPResponse.Status, _ message: String, fields: [(name: String, value: String)] = [],
        headers: HTTPFields = [:]
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.fields = fields
        self.headers = headers
    }

    public func with(message: String) -> S3Error {
        var error = self
        error.message = message
        return error
    }

    /// With a further element in its body.
    public func with(field name: String, _ value: String) -> S3Error {
        var error = self
        error.fields.append((name, value))
        return error
    }

    public func with(header name: HTTPField.Name, _ value: String) -> S3Error {
        var error = self
        error.headers[name] = value
        return error
    }

    /// `<Error>` with code, message, fields, resource and request id.
    /// - Parameter resource: bucket and key as they stand in the request's path; nil where there is nothing to tell.
    public func body(requestID: String, resource: String?) -> ByteBuffer {
        var xml = XMLWriter(root: "Error", namespace: false)
        xml.element("Code", code)
        xml.element("Message", message)
        for field in fields { xml.element(field.name, field.value) }
        if let resource { xml.element("Resource", resource) }
        xml.element("RequestId", requestID)
        xml.element("HostId", requestID)
        return xml.finish()
    }
}

extension S3Error: CustomStringConvertible {
    public var description: String { "\(code) (\(status.code)): \(message)" }
}

extension S3Error: Equatable {
    /// Code and status: what a client acts on.
    public static func == (a: S3Error, b: S3Error) -> Bool { a.code == b.code && a.status == b.status }
}
