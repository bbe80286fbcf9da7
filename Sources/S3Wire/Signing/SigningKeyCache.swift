import Synchronization

/// Keeps derived keys, which are good for a day, so that they are not derived for every request. Bounded; safe to share.
public final class SigningKeyCache: Sendable {
    private struct Name: Hashable {
        let accessKey: String
        let scope: CredentialScope
    }

    private let keys = Mutex<[Name: (secret: String, key: SigningKey)]>([:])
    private let capacity: Int

    /// - Parameter capacity: keys at most; when there is no room, all that is kept is forgotten.
    public init(capacity: Int = 1024) { self.capacity = capacity }

    /// The derived key; of this secret, also where the access key had another one before.
    func key(accessKey: String, secret: String, scope: CredentialScope) -> SigningKey {
        let name = Name(accessKey: accessKey, scope: scope)
        if let known = keys.withLock({ $0[name] }), known.secret == secret { return known.key }
        return SigningKey(secret: secret, scope: scope)
    }

    /// Keeps a key that a request was verified with: others, which anybody may ask for, take no room.
    func keep(_ key: SigningKey, accessKey: String, secret: String, scope: CredentialScope) {
        keys.withLock { keys in
            let name = Name(accessKey: accessKey, scope: scope)
            guard keys[name]?.secret != secret else { return }
            if keys.count >= capacity { keys.removeAll() }
            keys[name] = (secret, key)
        }
    }
}
