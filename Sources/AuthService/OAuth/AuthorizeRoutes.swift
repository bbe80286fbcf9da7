import Foundation
import HTTPTypes
import Hummingbird
import Persistence
import Schemas
import WebAPI

/// `/oauth/authorize/`: asks the user whether a client may act for them (RFC 6749 section 3.1).
struct AuthorizeRoutes: Sendable {
    let core: AuthCore

    private static let path = "/oauth/authorize/"
    /// Binds the sign-in form to the browser that it was given to, where there is no session yet.
    private static let formCookie = "agrovet_form"
    private static let proof = "form_proof"
    private static let hop = "again"
    private static let formLimit = 64 * 1024

    private static let form = Endpoint.Body.raw("application/x-www-form-urlencoded", .map(.string()))

    private static func endpoint(_ body: Endpoint.Body? = nil) -> Endpoint {
        Endpoint(
            "oauth", details: "RFC 6749 section 4.1.1, with PKCE (RFC 7636); pages for a person.", access: .anyone, body: body,
            answers: [
                Endpoint.Answer(200, "A page that asks", .string(), contentType: "text/html"),
                Endpoint.Answer(303, "Back to the client, with a code or an error", headers: [("Location", "Where to")]),
                Endpoint.Answer(400, "A page that says what is wrong", .string(), contentType: "text/html"),
                Endpoint.Answer(403, "The form is not this browser's", .string(), contentType: "text/html"),
                Endpoint.Answer(429, "Too many attempts to sign in", .string(), contentType: "text/html"),
            ])
    }

    var routes: [Route] {
        [
            Route(.get, Self.path, "Ask the user whether a client may act for them", Self.endpoint()) { request, context in
                try await answer(request, context, FormFields.decode(request.uri.query ?? ""))
            },
            Route(.post, Self.path, "The user's answer", Self.endpoint(Self.form)) { request, context in
                var text = ""
                for try await chunk in request.body {
                    text += String(buffer: chunk)
                    if text.utf8.count > Self.formLimit { throw APIError.contentTooLarge(limit: Self.formLimit, setting: "") }
                }
                return try await answer(request, context, FormFields.decode(text))
            },
        ]
    }

    /// What a step of the way is made from.
    private struct Step {
        let request: Request
        let trace: ClientTrace
        let fields: [(name: String, value: String)]
        let asked: AuthorizationRequest
        let client: OAuthClient
        let pages: AuthorizePages
        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    private func answer(_ request: Request, _ context: APIRequestContext, _ fields: [(name: String, value: String)]?) async throws
        -> Response
    {
        let pages = AuthorizePages(language: MailLanguage(acceptLanguage: request.headers[.acceptLanguage]))
        guard let fields else { return pages.failure("The address cannot be read.").response(.badRequest) }
        let id = fields.first { $0.name == "client_id" }?.value ?? ""
        let client = try await core.database.read { try OAuthClientTable.find(id, on: $0) }
        do {
            // What this server adds to its forms is not the client's.
            let own: Set = [Self.proof, Self.hop, "decision", "username", "password", "otp"]
            let asked = try AuthorizationRequest(fields.filter { !own.contains($0.name) }, client: client)
            guard let client else { throw AuthorizationRequest.Failure.shown("The application is not known here.") }
            let trace = ClientTrace(
                agent: request.headers[.userAgent], address: context.clientAddress(trusting: core.settings.trustedProxies))
            let step = Step(request: request, trace: trace, fields: fields, asked: asked, client: client, pages: pages)
            return request.method == .post ? try await decide(step, context) : try await ask(step, context)
        } catch let failure as AuthorizationRequest.Failure {
            switch failure {
            case .shown(let text): return pages.failure(text).response(.badRequest)
            case .redirected(let address, let code, let description, let state):
                return back(to: address, [("error", code), ("error_description", description)], state: state)
            }
        }
    }

    // MARK: Asking

    private func ask(_ step: Step, _ context: APIRequestContext) async throws -> Response {
        guard let (user, session) = try await signedIn(context) else {
            if step.field(Self.hop) == nil, step.request.headers[HTTPField.Name("Cookie")!]?.contains(SessionCookie.name) != true {
                let address = Self.path + "?" + FormFields.encode(step.fields + [(name: Self.hop, value: "1")])
                return step.pages.hop(to: address).response(.ok)
            }
            if step.asked.prompt.contains("none") { return refuse(step, .loginRequired, "the user is not signed in") }
            return signInPage(step, problem: nil)
        }
        let age = core.now - session.created
        let isOld = step.asked.maximumAge.map { age > Int64($0) * 1000 } ?? false
        // Whoever came back from the form has just signed in.
        if isOld || (step.asked.prompt.contains("login") && age > 60_000) {
            if step.asked.prompt.contains("none") { return refuse(step, .loginRequired, "the user signed in too long ago") }
            return signInPage(step, problem: nil)
        }
        let given = try await core.database.read { try OAuthClientTable.consent(user.id, step.client.id, on: $0) }
        if Set(step.asked.scopes).isSubset(of: given), !step.asked.scopes.isEmpty, !step.asked.prompt.contains("consent") {
            return try await allow(step, user, session)
        }
        if step.asked.prompt.contains("none") { return refuse(step, .consentRequired, "the user has not allowed it yet") }
        return consentPage(step, user, session)
    }

    /// Who is signed in on the page; tokens and keys sign nobody in here.
    private func signedIn(_ context: APIRequestContext) async throws -> (User, Session)? {
        guard let principal = context.principal, let id = principal.session else { return nil }
        return try await core.database.read { connection in
            guard let session = try SessionTable.find(id, on: connection), session.kind == .page,
                let user = try UserTable.find(principal.subject, on: connection)
            else { return nil }
            return (user, session)
        }
    }

    private func signInPage(_ step: Step, problem: APIError?) -> Response {
        let nonce = SecretFile.random()
        let fields = step.asked.fields + [(name: Self.proof, value: proof("form:" + nonce, step))]
        let asksCode = problem.map { $0.code.hasPrefix("otp") } ?? false
        var page = step.pages.signIn(step.client, fields, problem: problem, asksCode: asksCode)
        page.formTargets = [Self.source(step.asked.redirectURI)]
        let status: HTTPResponse.Status = problem == nil ? .ok : problem?.status == .tooManyRequests ? .tooManyRequests : .badRequest
        var response = page.response(status)
        response.headers[.setCookie] =
            "\(Self.formCookie)=\(nonce); Path=\(Self.path); Max-Age=3600; HttpOnly; SameSite=Strict"
            + (core.settings.secureCookies ? "; Secure" : "")
        return response
    }

    private func consentPage(_ step: Step, _ user: User, _ session: Session) -> Response {
        let fields = step.asked.fields + [(name: Self.proof, value: proof("session:" + session.id, step))]
        var page = step.pages.consent(step.client, user, step.asked.scopes, fields)
        page.formTargets = [Self.source(step.asked.redirectURI)]
        return page.response(.ok)
    }

    // MARK: The answer

    private func decide(_ step: Step, _ context: APIRequestContext) async throws -> Response {
        if step.field("decision") == "sign_in" {
            guard let nonce = Self.cookie(Self.formCookie, of: step.request), isProven("form:" + nonce, step) else {
                return step.pages.failure("The form is too old. Go back to the application and begin again.").response(.forbidden)
            }
            do {
                let credentials = AuthCore.Credentials(
                    login: step.field("username") ?? "", password: step.field("password") ?? "", code: step.field("otp"))
                let grant = try await core.signInPage(credentials, step.trace)
                guard let user = grant.user else { throw AuthCore.wrongCredentials }
                var response = try await afterSignIn(step, user, grant.session)
                response.headers.append(HTTPField(name: .setCookie, value: core.cookie(of: grant)))
                return response
            } catch let problem as APIError { return signInPage(step, problem: problem) }
        }
        guard let (user, session) = try await signedIn(context), isProven("session:" + session.id, step) else {
            return step.pages.failure("The form is too old. Go back to the application and begin again.").response(.forbidden)
        }
        guard step.field("decision") == "allow" else { return refuse(step, .accessDenied, "the user refused") }
        let now = core.now
        try await core.database.write { connection in
            let given = try OAuthClientTable.consent(user.id, step.client.id, on: connection)
            try OAuthClientTable.setConsent(user.id, step.client.id, given.union(step.asked.scopes), now: now, on: connection)
        }
        return try await allow(step, user, session)
    }

    private func afterSignIn(_ step: Step, _ user: User, _ session: Session) async throws -> Response {
        let given = try await core.database.read { try OAuthClientTable.consent(user.id, step.client.id, on: $0) }
        if Set(step.asked.scopes).isSubset(of: given), !step.asked.scopes.isEmpty, !step.asked.prompt.contains("consent") {
            return try await allow(step, user, session)
        }
        return consentPage(step, user, session)
    }

    private func allow(_ step: Step, _ user: User, _ session: Session) async throws -> Response {
        let expires = core.now + AuthSettings.milliseconds(core.settings.codeLifetime)
        let code = try await core.database.write { connection in
            try AuthorizationCodes.make(step.asked, user: user.id, authenticated: session.created, expires: expires, on: connection)
        }
        return back(to: step.asked.redirectURI, [("code", code)], state: step.asked.state)
    }

    private func refuse(_ step: Step, _ code: OAuthError.Code, _ description: String) -> Response {
        back(to: step.asked.redirectURI, [("error", code.rawValue), ("error_description", description)], state: step.asked.state)
    }

    private func back(to address: String, _ answer: [(String, String)], state: String?) -> Response {
        var pairs = answer.map { (name: $0.0, value: $0.1) }
        if let state { pairs.append((name: "state", value: state)) }
        // Who answers, against a mix-up of servers (RFC 9207).
        pairs.append((name: "iss", value: core.issuer.url))
        // 303: a browser that has sent a password does not send it on.
        var response = Response(status: .seeOther)
        response.headers[.location] = AuthorizationRequest.location(address, pairs)
        response.headers[.cacheControl] = "no-store"
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }

    // MARK: Against forms of other sites

    /// Shows that a form was made here, for this browser and this very request.
    private func proof(_ holder: String, _ step: Step) -> String {
        core.vault.digest("authorize\n" + holder + "\n" + FormFields.encode(step.asked.fields))
    }

    private func isProven(_ holder: String, _ step: Step) -> Bool {
        ConstantTime.areEqual(Array(proof(holder, step).utf8), Array((step.field(Self.proof) ?? "").utf8))
    }

    private static func cookie(_ name: String, of request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let pair = pair.drop { $0 == " " }
                if pair.hasPrefix(name + "=") { return String(pair.dropFirst(name.count + 1)) }
            }
        }
        return nil
    }

    /// An address as a Content-Security-Policy names where it is from.
    private static func source(_ address: String) -> String {
        guard let url = URLComponents(string: address), let scheme = url.scheme else { return "" }
        guard scheme == "https" || scheme == "http", let host = url.host else { return scheme + ":" }
        return "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
    }
}
