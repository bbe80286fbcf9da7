import HTTPTypes
import Hummingbird
import S3Wire
import WebAPI

/// `/api/storage/keys/`: access keys of S3's users. A secret is told once, when its key is made.
extension StorageConsole {
    var keyRoutes: [Route] {
        [
            route(.get, "keys/", "List access keys") { call in try await listKeys(call) },
            route(.post, "keys/", "Make an access key; its secret is shown this once") { call in try await addKey(call) },
            route(.get, "keys/{key}/", "An access key") { call in .json(Self.json(try await key(call))) },
            route(.put, "keys/{key}/policy/", "Say what a key may do at most") { call in
                let text = String(buffer: try await call.bytes())
                return .json(Self.json(try await setPolicy(text, call)))
            },
            route(.delete, "keys/{key}/policy/", "Let a key do all that its user may") { call in
                .json(Self.json(try await setPolicy(nil, call)))
            },
            route(.delete, "keys/{key}/", "Revoke an access key") { call in
                let key = try await key(call)
                guard !key.isRoot else { throw Self.rootStays }
                guard try await keys.remove(key.id) else { throw APIError.notFound }
                return .noContent
            },
        ]
    }

    private static var rootStays: APIError {
        APIError(
            .conflict, code: "root_key",
            detail: "The root key is a file in the data folder; it is replaced by deleting keys/s3-root-key and starting again.")
    }

    private func listKeys(_ call: ConsoleCall) async throws -> Response {
        let page = try PageRequest(call.request, defaultSize: 100)
        var all = try await keys.all()
        if let root = keys.rootKey { all.insert(root, at: 0) }
        if let user = call.optional("user") { all = all.filter { $0.user == user } }
        let results = all.dropFirst(page.offset).prefix(page.pageSize).map { Self.json($0) }
        return .json(try page.body(Array(results), count: all.count, request: call.request, base: call.base))
    }

    private func addKey(_ call: ConsoleCall) async throws -> Response {
        var body = try await call.body()
        let user = body.requiredText("user")
        let email = body.text("email").flatMap { $0.isEmpty ? nil : $0 }
        let policy = body.text("policy").flatMap { $0.isEmpty ? nil : $0 }
        if !user.isEmpty, let problem = AccessKey.problem(user: user) { body.refuse("user", problem) }
        if user == RootKeyFile.user { body.refuse("user", "There is one root key alone.") }
        if let policy, let problem = Self.problem(policy) { body.refuse("policy", problem) }
        try body.check()
        let key = AccessKey.make(user: user, policy: policy)
        try await keys.add(key, email: email)
        return .json(Self.json(key, secret: key.secret), .created)
    }

    /// Why a text is no policy of a key; nil where it is one.
    private static func problem(_ policy: String) -> String? {
        do throws(S3Error) {
            _ = try PolicyDocument(keyPolicy: policy)
            return nil
        } catch {
            return error.message
        }
    }

    private func key(_ call: ConsoleCall) async throws -> AccessKey {
        guard let key = try await keys.key(try call.context.parameters.require("key")) else { throw APIError.notFound }
        return key
    }

    private func setPolicy(_ policy: String?, _ call: ConsoleCall) async throws -> AccessKey {
        let key = try await key(call)
        guard !key.isRoot else { throw Self.rootStays }
        if let policy, let problem = Self.problem(policy) { throw APIError.invalid("policy", problem) }
        guard try await keys.setPolicy(policy, of: key.id) else { throw APIError.notFound }
        return try await self.key(call)
    }

    private static func json(_ key: AccessKey, secret: String? = nil) -> String {
        var members = [
            ("id", JSONText.string(key.id)), ("user", JSONText.string(key.user)), ("policy", key.policy.map(JSONText.string) ?? "null"),
            ("created", key.isRoot ? "null" : JSONText.string(Timestamp.text(milliseconds: key.created))), ("is_root", "\(key.isRoot)"),
        ]
        if let secret { members.append(("secret", JSONText.string(secret))) }
        return JSONText.object(members)
    }
}
