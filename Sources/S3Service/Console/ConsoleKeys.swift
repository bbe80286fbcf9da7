import HTTPTypes
import Hummingbird
import S3Wire
import Schemas
import WebAPI

/// `/api/storage/keys/`: access keys of S3's users. A secret is told once, when its key is made.
extension StorageConsole {
    var keyRoutes: [Route] {
        let root = Endpoint.Answer.conflict("It is the root key, which is a file")
        return [
            route(
                .get, "keys/", "List access keys",
                endpoint(
                    parameters: Parameter.paging() + [.query("user", .string(1...64), "Those of this user")],
                    answers: [.page(of: StorageSchemas.accessKey)])
            ) { call in try await listKeys(call) },
            route(
                .post, "keys/", "Make an access key; its secret is shown this once",
                endpoint(body: .json(Self.creation), answers: [.created(StorageSchemas.newAccessKey)])
            ) { call in try await addKey(call) },
            route(
                .get, "keys/{key}/", "An access key", endpoint(parameters: [Self.id], answers: [.ok(StorageSchemas.accessKey)])
            ) { call in .unkept(Self.json(try await key(call))) },
            route(
                .put, "keys/{key}/policy/", "Say what a key may do at most",
                endpoint(
                    parameters: [Self.id], body: .document(StorageSchemas.policy, field: "policy"),
                    answers: [.ok(StorageSchemas.accessKey), root])
            ) { call in .unkept(Self.json(try await setPolicy(call.bodyText, call))) },
            route(
                .delete, "keys/{key}/policy/", "Let a key do all that its user may",
                endpoint(parameters: [Self.id], answers: [.ok(StorageSchemas.accessKey), root])
            ) { call in .unkept(Self.json(try await setPolicy(nil, call))) },
            route(
                .delete, "keys/{key}/", "Revoke an access key", endpoint(parameters: [Self.id], answers: [.noContent, root])
            ) { call in
                let key = try await key(call)
                guard !key.isRoot else { throw Self.rootStays }
                guard try await keys.remove(key.id) else { throw APIError.notFound }
                return .noContent
            },
        ]
    }

    private static let id = Parameter(.path, "key", .string(3...128), "Id of the access key")
    private static let creation = JSONSchema.object(
        .required("user", StorageSchemas.userName), .optional("email", .string(0...254).nullable),
        .optional("policy", .string(0...Self.policyLength).nullable.described("What the key may do at most, as JSON in a text"))
    ).named("AccessKeyCreation")
    /// Characters of a text that may be a policy.
    private static let policyLength = 100_000

    private static var rootStays: APIError {
        APIError(
            .conflict, code: "root_key",
            detail: "The root key is a file in the data folder; it is replaced by deleting keys/s3-root-key and starting again.")
    }

    private func listKeys(_ call: Call) async throws -> Response {
        let page = try PageRequest(call.request, defaultSize: 100)
        var all = try await keys.all()
        if let root = keys.rootKey { all.insert(root, at: 0) }
        if let user = call.parameters.string("user") { all = all.filter { $0.user == user } }
        let results = all.dropFirst(page.offset).prefix(page.pageSize).map { Self.json($0) }
        let base = call.request.base(publicURL: settings.publicURL)
        return .unkept(try page.body(Array(results), count: all.count, request: call.request, base: base))
    }

    private func addKey(_ call: Call) async throws -> Response {
        let user = call.body["user"]?.string ?? ""
        let email = call.body["email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let policy = call.body["policy"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        var errors: [String: [String]] = [:]
        if user == RootKeyFile.user { errors["user"] = ["There is one root key alone."] }
        if let policy, let problem = Self.problem(policy) { errors["policy"] = [problem] }
        if !errors.isEmpty { throw APIError(invalid: errors) }
        let key = AccessKey.make(user: user, policy: policy)
        try await keys.add(key, email: email)
        return .unkept(Self.json(key, secret: key.secret), .created)
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

    private func key(_ call: Call) async throws -> AccessKey {
        guard let key = try await keys.key(try call.path("key")) else { throw APIError.notFound }
        return key
    }

    private func setPolicy(_ policy: String?, _ call: Call) async throws -> AccessKey {
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
