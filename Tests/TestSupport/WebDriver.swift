import AsyncHTTPClient
import Foundation
import NIOCore

/// A headless Chromium, driven over W3C WebDriver (https://www.w3.org/TR/webdriver2/) through a `chromedriver` of its own.
///
/// Chromium and chromedriver must be installed: a machine without them fails the tests that open a browser. Both processes
/// end with `close()`, and at the latest with the test process.
public final class Browser: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    /// How a page is looked at.
    public struct View: Sendable {
        /// CSS pixels.
        public var width = 1280
        public var height = 800
        /// BCP 47 tags, the preferred first.
        public var languages = "en-US,en"
        /// `prefers-color-scheme: dark`.
        public var isDark = false
        /// Touch, and a screen of two device pixels a CSS pixel.
        public var isPhone = false

        public init() {}

        public static func phone(width: Int = 390, height: Int = 844) -> View {
            var view = View()
            view.width = width
            view.height = height
            view.isPhone = true
            return view
        }
    }

    /// A line of the browser's console: scripts' errors, refused by Content-Security-Policy, requests that failed.
    public struct LogEntry: Decodable, Sendable {
        /// SEVERE, WARNING, INFO or DEBUG.
        public let level: String
        /// Such as `javascript`, `network`, `security`.
        public let source: String?
        public let message: String
    }

    /// One element of the page.
    public struct Element: Sendable {
        let browser: Browser
        let path: String

        public func click() async throws { try await browser.post("\(path)/click", [:]) }
        public func clear() async throws { try await browser.post("\(path)/clear", [:]) }
        /// Types into the element; for a file input the paths of the files, one a line.
        public func type(_ text: String) async throws { try await browser.post("\(path)/value", ["text": text]) }
        /// The text as a person sees it.
        public var text: String { get async throws { try await browser.get("\(path)/text") } }
        public func attribute(_ name: String) async throws -> String? { try await browser.get("\(path)/attribute/\(name)") }
        public var isShown: Bool { get async throws { try await browser.get("\(path)/displayed") } }
    }

    /// Keys by the code points that WebDriver gives them.
    public enum Key: String, Sendable {
        case tab = "\u{E004}", enter = "\u{E007}", shift = "\u{E008}", escape = "\u{E00C}", space = " "
        case end = "\u{E010}", home = "\u{E011}", left = "\u{E012}", up = "\u{E013}", right = "\u{E014}", down = "\u{E015}"
    }

    private let driver: ChildProcess
    private let driverLog: String
    /// `http://127.0.0.1:port/session/id`
    private let session: String

    private init(driver: ChildProcess, driverLog: String, session: String) {
        self.driver = driver
        self.driverLog = driverLog
        self.session = session
    }

    /// Starts chromedriver on a free port and opens a window in it.
    public static func open(_ view: View = View()) async throws -> Browser {
        // chromedriver takes any free port of IPv4 and gives up where the same one of IPv6 is not free: then once more.
        for _ in 0..<5 {
            do { return try await start(view) } catch DriverEnded.early {}
        }
        throw Failure(description: "chromedriver did not start")
    }

    private enum DriverEnded: Error {
        case early
    }

    private static func start(_ view: View) async throws -> Browser {
        let log = FileManager.default.temporaryDirectory.path + "/agrovet-chromedriver-" + UUID().uuidString
        let driver = try ChildProcess(installed("chromedriver"), ["--port=0"], output: log, errors: "/dev/null")
        do {
            let base = try await address(of: driver, log: log)
            let options: [String: Any] = [
                "binary": try installed("chromium", "chromium-browser", "google-chrome"),
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--window-size=\(view.width),\(view.height)",
                ],
                "prefs": ["intl.accept_languages": view.languages],
            ]
            let capabilities: [String: Any] = [
                "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
                // Milliseconds; a script may ask the server, which is as busy as everybody.
                "timeouts": ["script": 180_000, "pageLoad": 300_000],
            ]
            struct Session: Decodable { let sessionId: String }
            let opened: Session = try await exchange(
                "POST", "\(base)/session", ["capabilities": ["alwaysMatch": capabilities]])
            let browser = Browser(driver: driver, driverLog: log, session: "\(base)/session/\(opened.sessionId)")
            try await browser.look(view)
            return browser
        } catch {
            driver.kill(SIGTERM)
            unlink(log)
            throw error
        }
    }

    /// Changes how the page is looked at; the languages stay as they were opened.
    public func look(_ view: View) async throws {
        try await developerTools(
            "Emulation.setDeviceMetricsOverride",
            ["width": view.width, "height": view.height, "deviceScaleFactor": view.isPhone ? 2 : 1, "mobile": view.isPhone])
        try await developerTools(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": view.isDark ? "dark" : "light"]]])
    }

    public func close() async {
        try? await Self.exchangeNothing("DELETE", session, nil)
        _ = await ChildProcess.end(driver.processID, with: SIGTERM, within: .seconds(10))
        unlink(driverLog)
    }

    // MARK: The page

    public func go(to url: String) async throws { try await post("/url", ["url": url]) }
    public func reload() async throws { try await post("/refresh", [:]) }
    public var url: String { get async throws { try await get("/url") } }

    /// The first element that the CSS selector finds, waited for.
    public func find(_ selector: String, atMost limit: Duration = Patience.usual) async throws -> Element {
        try await wait("an element \(selector)", atMost: limit) { try await self.all(selector).first }
    }

    /// Every element that the CSS selector finds now.
    public func all(_ selector: String) async throws -> [Element] {
        let found: [[String: String]] = try await Self.exchange(
            "POST", session + "/elements", ["using": "css selector", "value": selector])
        return found.compactMap { $0.values.first.map { Element(browser: self, path: "/element/\($0)") } }
    }

    /// Presses and releases each key, wherever the focus is.
    public func press(_ keys: Key..., shifted: Bool = false) async throws {
        var actions = keys.flatMap { [["type": "keyDown", "value": $0.rawValue], ["type": "keyUp", "value": $0.rawValue]] }
        if shifted {
            actions.insert(["type": "keyDown", "value": Key.shift.rawValue], at: 0)
            actions.append(["type": "keyUp", "value": Key.shift.rawValue])
        }
        try await post("/actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions]]])
    }

    /// Runs the body of an asynchronous function in the page and returns what it returns.
    public func script<Value: Decodable & Sendable>(_ body: String, as type: Value.Type = Value.self) async throws -> Value {
        try await Self.exchange("POST", session + "/execute/sync", Self.function(body))
    }

    /// Runs the body of an asynchronous function in the page.
    public func run(_ body: String) async throws { try await post("/execute/sync", Self.function(body)) }

    private static func function(_ body: String) -> [String: Any] {
        ["script": "return (async () => {\n\(body)\n})()", "args": [String]()]
    }

    /// Asks a JavaScript expression until it is true.
    public func waitUntil(
        _ expression: String, atMost limit: Duration = Patience.usual, at location: StaticString = #fileID, line: UInt = #line
    ) async throws {
        _ = try await wait("\(expression) (\(location):\(line))", atMost: limit) {
            try await self.script("return Boolean(\(expression))", as: Bool.self) ? true : nil
        }
    }

    /// A PNG of what is seen, kept in `.build/screenshots/`.
    /// - Returns: the file's path.
    @discardableResult
    public func screenshot(_ name: String) async throws -> String {
        let base64: String = try await get("/screenshot")
        guard let png = Data(base64Encoded: base64) else { throw Failure(description: "the screenshot is not Base64") }
        let folder = Executables.packageRoot + "/.build/screenshots"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/\(name).png"
        try png.write(to: URL(fileURLWithPath: path))
        return path
    }

    /// What the console got since this was last asked.
    public func log() async throws -> [LogEntry] { try await Self.exchange("POST", session + "/se/log", ["type": "browser"]) }

    /// A command of the Chrome DevTools Protocol.
    public func developerTools(_ command: String, _ parameters: [String: Any]) async throws {
        try await post("/goog/cdp/execute", ["cmd": command, "params": parameters])
    }

    // MARK: Windows

    /// What WebDriver calls the tab that is driven now.
    public var tab: String { get async throws { try await get("/window") } }

    /// Opens a tab beside the one that is driven, and drives it from now on. The others are not seen.
    public func openTab() async throws -> String {
        struct Opened: Decodable { let handle: String }
        let opened: Opened = try await Self.exchange("POST", session + "/window/new", ["type": "tab"])
        try await show(tab: opened.handle)
        return opened.handle
    }

    /// Drives another tab from now on, which is the one that is seen.
    public func show(tab: String) async throws { try await post("/window", ["handle": tab]) }

    // MARK: The wire

    private func wait<Value: Sendable>(
        _ what: String, atMost limit: Duration, _ question: () async throws -> Value?
    ) async throws -> Value {
        let deadline = ContinuousClock.now + limit
        while true {
            if let answer = try await question() { return answer }
            if ContinuousClock.now > deadline { throw Failure(description: "waited \(limit) in vain for \(what)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func get<Value: Decodable & Sendable>(_ path: String) async throws -> Value {
        try await Self.exchange("GET", session + path, nil)
    }

    private func post(_ path: String, _ body: [String: Any]) async throws {
        try await Self.exchangeNothing("POST", session + path, body)
    }

    private struct Answer<Value: Decodable>: Decodable { let value: Value }
    private struct Problem: Decodable {
        let error: String
        let message: String
    }
    /// Decodes from anything, and keeps nothing.
    private struct Nothing: Decodable { init(from decoder: any Decoder) {} }

    private static func exchangeNothing(_ method: String, _ url: String, _ body: [String: Any]?) async throws {
        let _: Nothing = try await exchange(method, url, body)
    }

    private static func exchange<Value: Decodable>(_ method: String, _ url: String, _ body: [String: Any]?) async throws -> Value {
        var request = HTTPClientRequest(url: url)
        request.method = .init(rawValue: method)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: body)))
        }
        let response = try await HTTPClient.patient.execute(request, timeout: .seconds(360))
        let bytes = Data(try await response.body.collect(upTo: 64 * 1024 * 1024).readableBytesView)
        if response.status == .ok { return try JSONDecoder().decode(Answer<Value>.self, from: bytes).value }
        let problem = try? JSONDecoder().decode(Answer<Problem>.self, from: bytes).value
        throw Failure(description: problem.map { "\($0.error): \($0.message)" } ?? "WebDriver answered \(response.status)")
    }

    private static func address(of driver: ChildProcess, log: String) async throws -> String {
        let deadline = ContinuousClock.now + Patience.usual
        while ContinuousClock.now < deadline, !driver.hasExited {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if let match = text.firstMatch(of: /started successfully on port (\d+)\./) { return "http://127.0.0.1:\(match.1)" }
            try await Task.sleep(for: .milliseconds(20))
        }
        if driver.hasExited { throw DriverEnded.early }
        throw Failure(description: "chromedriver did not start")
    }

    /// The path of the first program that is installed under one of these names.
    private static func installed(_ names: String...) throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") + ["/usr/bin", "/usr/local/bin"]
        for name in names {
            let found = folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile(atPath:))
            if let found { return found }
        }
        throw Failure(description: "\(names[0]) is not installed (Debian: chromium chromium-driver)")
    }
}
