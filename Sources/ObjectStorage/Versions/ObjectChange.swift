import Persistence

/// A change of an object, told within the transaction that makes it.
public struct ObjectChange: Sendable {
    public enum Kind: String, Sendable, Hashable {
        /// These bytes are the latest version of their key now.
        case created
        /// This delete marker is the latest version of its key now.
        case marked
        /// This version, or delete marker, is gone.
        case removed
        /// Etag, content type or attributes of this version are others now.
        case updated
    }

    /// What somebody did that made the change.
    public enum Cause: String, Sendable, Hashable {
        case put
        /// An HTML form.
        case post
        case copy
        /// The end of an upload in parts.
        case completion
        case deletion
        /// A rule of the bucket's, and no client.
        case lifecycle
        case tagging
        /// All tags were taken away.
        case untagging
        case acl
        /// A change in place of another kind.
        case edit
    }

    /// Who asked for a change, and by which request.
    public struct Requester: Sendable, Hashable {
        public let user: String
        /// As the client that asked was told it.
        public let requestID: String
        /// The peer's address; nil where it is not known.
        public let address: String?

        public init(user: String, requestID: String, address: String?) {
            self.user = user
            self.requestID = requestID
            self.address = address
        }
    }

    /// What made a change, and who asked for it.
    public struct Origin: Sendable, Hashable {
        public let cause: Cause
        /// Nil where nobody did: the server itself.
        public let requester: Requester?

        public init(_ cause: Cause, by requester: Requester? = nil) {
            self.cause = cause
            self.requester = requester
        }
    }

    public let kind: Kind
    public let origin: Origin
    /// Without segments and parts where the object came in parts.
    public let version: ObjectVersion
    /// Of two changes in one store the later has the greater.
    public let sequence: Int

    public init(kind: Kind, origin: Origin, version: ObjectVersion, sequence: Int) {
        self.kind = kind
        self.origin = origin
        self.version = version
        self.sequence = sequence
    }
}

/// Who is told of changes of objects, in the buckets that are configured for it.
public struct ObjectJournal: Sendable {
    /// Names of documents; a bucket is told of where it has one of them.
    public let documents: Set<String>
    /// Runs inside the transaction of the change, and may run again. What it throws takes the change back.
    public let write: @Sendable (ObjectChange, Bucket, any SQLConnection) throws -> Void
    /// Runs when changes that were told are durable.
    public let committed: @Sendable () -> Void

    public init(
        documents: Set<String>, committed: @escaping @Sendable () -> Void,
        write: @escaping @Sendable (ObjectChange, Bucket, any SQLConnection) throws -> Void
    ) {
        self.documents = documents
        self.committed = committed
        self.write = write
    }

    func follows(_ bucket: Bucket) -> Bool {
        !bucket.documents.isEmpty && documents.contains { bucket.documents[$0] != nil }
    }
}
