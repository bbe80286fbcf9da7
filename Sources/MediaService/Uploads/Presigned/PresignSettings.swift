import WebAPI

/// Who signs upload addresses, and how long they work.
public struct PresignSettings: Sendable {
    /// For `.uploading`.
    public var signer: URLSigner
    /// How long an address works, unless the request says otherwise.
    public var lifetime = Duration.seconds(900)

    public init(signer: URLSigner) {
        self.signer = signer
    }
}
