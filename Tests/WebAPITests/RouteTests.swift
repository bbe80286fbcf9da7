import AsyncHTTPClient
import Foundation
import Hummingbird
import Schemas
import ServiceTestSupport
import TestSupport
import Testing
import WebAPI

/// What stands around a declared operation's handler.
@Suite struct RouteTests {
    private static let cow = JSONSchema.object(
        .required("name", .string(1...10)), .optional("age", .integer(0...40)), .optional("price", .string(format: .decimal))
    ).named("Cow")

    private static let routes = [
        Route(
            .get, "/api/cows/", "List cows",
            Endpoint(
                "cows", access: .anyone, scope: "cows:read",
                parameters: Parameter.paging() + [
                    .query("min_age", .integer(0...40), ""), .query("ids", .array(.uuid), ""), .query("sold", .boolean, ""),
                    .query("name", .string(0...100), ""),
                ], answers: [.page(of: cow)])
        ) { call in
            let page = try PageRequest(call.request)
            let heard = [
                call.parameters.integer("min_age").map(String.init), call.parameters.bool("sold").map(String.init),
                call.parameters.string("name"), call.parameters["ids"].map { _ in call.parameters.strings("ids").joined(separator: "+") },
            ]
            return .json(
                .ok,
                try page.body([JSONText.string(heard.map { $0 ?? "-" }.joined(separator: " "))], count: 1, request: call.request, base: ""))
        },
        Route(
            .post, "/api/cows/", "Buy a cow", Endpoint("cows", scope: "cows:write", body: .json(cow), answers: [.created(cow)])
        ) { call in .created(call.body.json, location: "/api/cows/1/", tag: "\"1\"") },
        Route(
            .get, "/api/cows/{id}/", "A cow", Endpoint("cows", access: .anyone, scope: "cows:read", answers: [.ok(cow)])
        ) { call in call.answer(JSONText.object([("name", JSONText.string(try call.id()))]), tag: "\"7\"") },
        Route(
            .patch, "/api/cows/{id}/", "Change a cow",
            Endpoint("cows", parameters: [.ifMatch], body: .json(cow.partial), answers: [.ok(cow)])
        ) { call in
            try call.requireMatch("\"7\"")
            return .json(.ok, call.body.json)
        },
        Route(.delete, "/api/cows/{id}/", "Sell a cow", Endpoint("cows", access: .staff, answers: [.noContent])) { _ in .noContent },
        Route(
            .put, "/api/plan/", "Plan",
            Endpoint(
                "cows",
                body: .document(.closed(.required("herds", .array(.closed(.required("cows", .integer(0...100)))))), field: "plan"),
                answers: [.ok(.any)])
        ) { call in .json(.ok, call.bodyText) },
        Route(
            .post, "/api/login/", "Sign in",
            Endpoint(
                "auth", access: .anyone, body: .form(.object(.required("user", .string(1...20)))), answers: [.ok(.any)], throttle: "login")
        ) { call in .json(.ok, call.body.json) },
    ]

    private func run(
        _ settings: RouterSettings = RouterSettings(), _ body: @escaping @Sendable (HTTPTestClient, TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(Self.routes, settings: settings) { server in
            try await body(HTTPTestClient("http://127.0.0.1:\(server.port)", token: "token"), server)
        }
    }

    @Test func bodiesAreCheckedBeforeTheHandlerRuns() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let answer = try await client.send(.POST, "/api/cows/", json: #"{"name":"Rosa","age":3,"price":"12.50"}"#)
            #expect(answer.status == 201 && answer["location"] == "/api/cows/1/" && answer["etag"] == "\"1\"")
            #expect(answer.text == #"{"age":3,"name":"Rosa","price":"12.50"}"#)
            let wrong = try await client.send(.POST, "/api/cows/", json: #"{"name":"","age":41,"price":"x"}"#)
            #expect(wrong.status == 400)
            #expect(wrong.json["name"] as? [String] == ["This field may not be blank."])
            #expect(wrong.json["age"] as? [String] == ["Ensure this value is less than or equal to 40."])
            #expect(wrong.json["price"] as? [String] == ["A valid number is required."])
            #expect(try await client.send(.POST, "/api/cows/", json: "[]").json["non_field_errors"] != nil)
            #expect(try await client.send(.POST, "/api/cows/", json: "{").status == 400)
            let form = try await client.request(.POST, "/api/cows/", headers: ["Content-Type": "text/plain"], body: Data("{}".utf8))
            #expect(form.status == 415)
            let large = Data("{\"name\":\"\(String(repeating: "x", count: 2_000_000))\"}".utf8)
            #expect(try await client.request(.POST, "/api/cows/", headers: ["Content-Type": "application/json"], body: large).status == 413)
        }
    }

    @Test func clientsReadTheErrorsInTheirLanguage() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let headers = ["Content-Type": "application/json", "Accept-Language": "es-CO,es;q=0.9"]
            let wrong = try await client.request(.POST, "/api/cows/", headers: headers, body: Data("{}".utf8))
            #expect(wrong.json["name"] as? [String] == ["Este campo es requerido."])
            #expect(wrong["content-language"] == "es")
            #expect(wrong["vary"]?.lowercased().contains("accept-language") == true)
            #expect(try await client.get("/api/nothing/", headers: ["Accept-Language": "es"]).json["detail"] as? String == "No encontrado.")
        }
    }

    @Test func parametersAreReadByTheirSchemas() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let id = "0190b6a3-7b5c-7def-8123-456789abcdef"
            let answer = try await client.get("/api/cows/?min_age=3&sold=true&ids=\(id),\(id)&unknown=1&page_size=")
            #expect((answer.json["results"] as? [String]) == ["3 true - \(id)+\(id)"])
            for (query, field) in [
                ("min_age=x", "min_age"), ("min_age=41", "min_age"), ("min_age=1.5", "min_age"), ("sold=perhaps", "sold"), ("ids=1", "ids"),
            ] {
                let wrong = try await client.get("/api/cows/?" + query)
                #expect(wrong.status == 400 && wrong.json[field] != nil, "\(query) \(wrong.text)")
            }
            // As DRF has it: what is no page is not found, what is no size is as good as none.
            for query in ["page=2", "page=x", "page=0", "page=-1", "page=1.5", "page=99999999999999999999"] {
                let wrong = try await client.get("/api/cows/?" + query)
                #expect(wrong.status == 404 && wrong.json["detail"] as? String == "Invalid page.", "\(query) \(wrong.text)")
            }
            for query in ["page_size=0", "page_size=-1", "page_size=x", "page_size=99999999999999999999", "page=", "page=1"] {
                #expect(try await client.get("/api/cows/?" + query).status == 200, "\(query)")
            }
            #expect(try await client.get("/api/cows/?page=%FF").status == 400)
        }
    }

    @Test func whoeverMayNotIsRefused() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            #expect(try await client.anonymous.get("/api/cows/").status == 200)
            #expect(try await client.anonymous.send(.POST, "/api/cows/", json: "{}").status == 401)
            #expect(try await HTTPTestClient(client.baseURL, token: "wrong").get("/api/cows/").status == 401)
        }
        func admit(_ endpoint: Endpoint, _ principal: Principal?) -> Int {
            do {
                try endpoint.admit(principal)
                return 200
            } catch {
                return error.status.code
            }
        }
        let open = Endpoint("x", access: .anyone, scope: "x:read", answers: [])
        let user = Endpoint("x", scope: "x:write", answers: [])
        let unscoped = Endpoint("x", answers: [])
        let vets = Endpoint("x", access: .roles([.specialist]), answers: [])
        let ana = Principal(subject: "ana", roles: [.consumer])
        #expect(admit(open, nil) == 200 && admit(user, nil) == 401 && admit(vets, nil) == 401)
        #expect(admit(user, ana) == 200 && admit(vets, ana) == 403)
        #expect(admit(vets, Principal(subject: "vet", roles: [.specialist, .consumer])) == 200)
        #expect(admit(vets, Principal(subject: "boss", roles: [.staff])) == 200)
        let reader = Principal(subject: "ana", scopes: ["x:read"])
        #expect(admit(open, reader) == 200 && admit(user, reader) == 403 && admit(unscoped, reader) == 403)
        #expect(admit(open, Principal(subject: "ana", scopes: [])) == 403)
    }

    @Test func whatIsOneUsersAloneIsForNobodyElse() {
        let endpoint = Endpoint("x", access: .only("root"), answers: [])
        func code(_ principal: Principal?) -> String? {
            do {
                try endpoint.admit(principal)
                return nil
            } catch { return error.code }
        }
        #expect(code(Principal(subject: "root")) == nil)
        #expect(code(nil) == "not_authenticated")
        #expect(code(Principal(subject: "ana", roles: [.staff])) == "permission_denied")
        // Not even by a key of that user's that is good for some things.
        #expect(code(Principal(subject: "root", scopes: ["media:write"])) == "insufficient_scope")
        #expect(code(Principal(subject: "root", scopes: [])) == "insufficient_scope")
    }

    @Test func aQueryIsReadAsFormsAre() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let id = "0190b6a3-7b5c-7def-8123-456789abcdef"
            let answer = try await client.get("/api/cows/?ids=\(id)&min%5Fage=3&name=Rosa+Mar%C3%ADa")
            #expect(answer.json["results"] as? [String] == ["3 - Rosa María \(id)"])
            for query in ["name=%ff", String(repeating: "a=1&", count: 101)] {
                let broken = try await client.get("/api/cows/?" + query)
                #expect(broken.status == 400 && broken["X-Error-Code"] == "invalid_query", "\(query)")
            }
            // Who reads none of it does not mind.
            #expect(try await client.get("/api/cows/\(id)/?x=%ff").status == 200)
        }
    }

    @Test func aDocumentIsWrongInOneFieldWithThePlaceInFront() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let text = #"{ "herds": [ {"cows": 2}, {"cows": 3} ] }"#
            #expect(try await client.send(.PUT, "/api/plan/", json: text).text == text)
            for (json, message) in [
                (#"{"herds": [{"cows": 1}, {"cows": "x"}]}"#, "herds[1].cows: A valid integer is required."),
                (#"{"herds": [{"pigs": 1, "cows": 1}]}"#, "herds[0].pigs: This field is not expected here."),
                ("[]", "Invalid data. Expected a dictionary."),
            ] {
                let wrong = try await client.send(.PUT, "/api/plan/", json: json)
                #expect(wrong.status == 400 && wrong["X-Error-Code"] == "malformed_document")
                #expect(wrong.json["plan"] as? [String] == [message], "\(wrong.text)")
            }
            #expect(try await client.send(.PUT, "/api/plan/", json: "{").json["code"] as? String == "parse_error")
        }
    }

    @Test func versionsAreMatched() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            let id = "0190b6a3-7b5c-7def-8123-456789abcdef"
            let answer = try await client.get("/api/cows/\(id)/")
            #expect(answer.status == 200 && answer["etag"] == "\"7\"")
            #expect(try await client.get("/api/cows/\(id)/", headers: ["If-None-Match": "W/\"7\""]).status == 304)
            #expect(try await client.get("/api/cows/not-an-id/").status == 404)
            func patch(_ tag: String?) async throws -> Int {
                var headers = ["Content-Type": "application/json"]
                headers["If-Match"] = tag
                return try await client.request(.PATCH, "/api/cows/\(id)/", headers: headers, body: Data("{}".utf8)).status
            }
            #expect(try await patch("\"7\"") == 200)
            #expect(try await patch("\"6\", \"7\"") == 200)
            #expect(try await patch("*") == 200)
            #expect(try await patch(nil) == 200)
            #expect(try await patch("\"6\"") == 412)
        }
    }

    @Test func formsAreReadAsOAuthHasThem() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            func post(_ body: String, _ type: String = "application/x-www-form-urlencoded") async throws -> HTTPTestClient.Answer {
                try await client.request(.POST, "/api/login/", headers: ["Content-Type": type], body: Data(body.utf8))
            }
            #expect(try await post("user=ana+mar%C3%ADa&x=").text == #"{"user":"ana maría","x":""}"#)
            #expect(try await post("user=a&user=b").status == 400)
            #expect(try await post("user=%zz").status == 400)
            #expect(try await post("").json["user"] != nil)
            #expect(try await post("{}", "application/json").status == 415)
        }
    }

    @Test func whatCannotBeAcceptedIsRefused() async throws {
        try await run { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            #expect(try await client.get("/api/cows/", headers: ["Accept": "text/html"]).status == 406)
            for accept in ["application/json", "*/*", "application/*", "text/html, */*;q=0.1"] {
                #expect(try await client.get("/api/cows/", headers: ["Accept": accept]).status == 200, "\(accept)")
            }
        }
    }

    @Test func whoAsksTooOftenWaits() async throws {
        var throttle = Throttle.Settings()
        throttle.anonymous = Rate("5/hour")
        throttle.user = Rate("7/hour")
        throttle.scopes = ["login": Rate("2/hour")!]
        var settings = RouterSettings()
        settings.throttle = Throttle(settings: throttle)
        try await run(settings) { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            var statuses: [Int] = []
            for _ in 1...6 { statuses.append(try await client.anonymous.get("/api/cows/").status) }
            #expect(statuses == [200, 200, 200, 200, 200, 429])
            let refused = try await client.anonymous.get("/api/cows/")
            #expect(Int(refused["retry-after"] ?? "").map { (1...720).contains($0) } == true)
            #expect(refused.json["code"] as? String == "throttled")
            // The token's user is staff, whom the general limit does not hold; that of an operation holds everybody.
            for _ in 1...10 { #expect(try await client.get("/api/cows/").status == 200) }
            let form = ["Content-Type": "application/x-www-form-urlencoded"]
            var logins: [Int] = []
            for _ in 1...3 {
                logins.append(try await client.request(.POST, "/api/login/", headers: form, body: Data("user=a".utf8)).status)
            }
            #expect(logins == [200, 200, 429])
        }
    }

    @Test(arguments: ["/api/cows/", "/api/nothing/", "/api/login/"])
    func whatIsRefusedOrFindsNothingIsCountedToo(_ path: String) async throws {
        var throttle = Throttle.Settings()
        throttle.anonymous = Rate("5/hour")
        var settings = RouterSettings()
        settings.throttle = Throttle(settings: throttle)
        try await run(settings) { (client: HTTPTestClient, _: TestServer) async throws -> Void in
            // A token that is nobody's; a path that there is none of; a method that the path does not take.
            let asking = path == "/api/cows/" ? HTTPTestClient(client.baseURL, token: "wrong") : client.anonymous
            let refusal = path == "/api/cows/" ? 401 : path == "/api/login/" ? 405 : 404
            var statuses: [Int] = []
            for _ in 1...7 { statuses.append(try await asking.get(path).status) }
            #expect(statuses == Array(repeating: refusal, count: 5) + [429, 429])
            let refused = try await asking.get(path)
            #expect(Int(refused["retry-after"] ?? "") != nil && refused.json["code"] as? String == "throttled")
            // Whoever brings a right one is not held up by what others of the address try.
            #expect(try await client.get("/api/cows/").status == 200)
        }
    }

    @Test func theDocumentIsValidAndSaysWhatTheRoutesDo() async throws {
        let document = OpenAPIDocument(title: "Cows", version: "1", tags: [("cows", "All about cows"), ("auth", "")], routes: Self.routes)
        let text = document.json(server: "http://example.org")
        let folder = try TemporaryFolder()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
        let python = try await PythonEnvironment.interpreter(with: ["openapi-spec-validator==0.9.0"])
        let result = try await ChildProcess.run(
            python, ["-m", "openapi_spec_validator", folder.path + "/openapi.json"])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        let parsed = try JSONValue(parsing: Data(text.utf8))
        let post = parsed["paths"]?["/api/cows/"]?["post"]
        #expect(post?["operationId"] == "post_api_cows")
        #expect(post?["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"] == "#/components/schemas/Cow")
        #expect(post?["responses"]?.members.keys.sorted() == ["201", "400", "401", "403", "406", "413", "415", "429", "503", "507"])
        #expect(post?["security"] == [["bearer": []], ["session": []]])
        #expect(parsed["paths"]?["/api/cows/{id}/"]?["get"]?["parameters"]?.elements.first?["name"] == "id")
    }
}
