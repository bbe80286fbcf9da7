import CPostgreSQL
import Foundation

/// One libpq connection. Every call blocks; used on one thread at a time.
final class PostgreSQLConnection: SQLConnection {
    private let configuration: PostgreSQLDatabase.Configuration
    private var link: OpaquePointer?
    /// Names of statements that the server has prepared, by text and parameter types.
    private var prepared: [String: String] = [:]
    /// The first statement that failed in the transaction under way; PostgreSQL ignores all that follow it.
    private var failure: DatabaseError?

    /// A statement was prepared for a table that is another by now.
    private var hasStalePlans = false

    private static let mostPrepared = 200

    /// The server, or the role, has as many connections as it may have (SQLSTATE 53300).
    struct ServerIsFull: Error {
        let reason: String
    }

    init(_ configuration: PostgreSQLDatabase.Configuration) {
        self.configuration = configuration
    }

    deinit { if let link { PQfinish(link) } }

    var dialect: SQLDialect { .postgresql }

    // MARK: Transactions

    /// Runs the body between `begin` and COMMIT, or rolls back.
    func transaction<T>(_ begin: String, _ body: (any SQLConnection) throws -> T) throws -> T {
        failure = nil
        try connectIfNeeded()
        do {
            try run(begin)
        } catch {
            // The server may have been restarted since; nothing has been done yet, so a second connection may try.
            guard PQstatus(link) != CONNECTION_OK else { throw error }
            failure = nil
            try connect()
            try run(begin)
        }
        do {
            let value = try body(self)
            if let failure { throw failure }
            try run("COMMIT")
            return value
        } catch {
            // What the server said counts, not what the body made of it.
            let cause: any Error = failure ?? error
            failure = nil
            if PQstatus(link) == CONNECTION_OK, PQtransactionStatus(link) != PQTRANS_IDLE { try? run("ROLLBACK") }
            failure = nil
            if hasStalePlans {
                hasStalePlans = false
                // Another process has changed a table since these statements were prepared; prepared anew they fit it.
                if (try? run("DEALLOCATE ALL")) != nil { prepared = [:] }
                failure = nil
                throw DatabaseError.conflict
            }
            throw cause
        }
    }

    /// PG_DIAG_SOURCE_FUNCTION: where in the server an error comes from, in no language.
    private static let routine = Int32(Character("R").asciiValue ?? 0)

    private func connectIfNeeded() throws {
        if link == nil || PQstatus(link) != CONNECTION_OK { try connect() }
    }

    /// - Throws: `DatabaseError.unavailable`, or `ServerIsFull`.
    private func connect() throws {
        guard cpostgresql_load() != 0 else { throw DatabaseError.unavailable("libpq is not installed on this machine") }
        PQfinish(link)
        link = nil
        prepared = [:]
        try Self.check(url: configuration.url)
        let parameters = [
            // A server that vanished without a word is noticed; before the URL, so that it may say otherwise.
            ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "60000"),
            ("dbname", configuration.url), ("application_name", "agrovet"),
            ("connect_timeout", "\(max(2, Int(configuration.connectTimeout / .seconds(1))))"),
            (
                "options",
                "-c statement_timeout=\(Int(configuration.statementTimeout / .milliseconds(1)))"
                    + (configuration.schema.map { " -c search_path=\($0)" } ?? "")
            ), ("client_encoding", "UTF8"),
        ]
        // The strings must live through the call; libpq copies them.
        let keys = parameters.map { strdup($0.0) }
        let values = parameters.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let start = ContinuousClock.now
        link = PQconnectdbParams(keys.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        if PQstatus(link) != CONNECTION_OK, start.duration(to: .now) < configuration.connectTimeout / 2 {
            // Somebody said no. libpq tells the SQLSTATE nowhere but in its words, and only to who has asked for it before.
            PQsetErrorVerbosity(link, PQERRORS_VERBOSE)
            PQreset(link)
            PQsetErrorVerbosity(link, PQERRORS_DEFAULT)
        }
        guard PQstatus(link) == CONNECTION_OK else {
            let (reason, state) = Self.refusal(PQerrorMessage(link))
            PQfinish(link)
            link = nil
            throw state == Self.tooManyConnections ? ServerIsFull(reason: reason) : DatabaseError.unavailable(reason)
        }
        // Notices are for a person at a terminal.
        PQsetNoticeProcessor(link, { _, _ in }, nil)
        if let schema = configuration.schema { try make(schema: schema) }
    }

    private static let tooManyConnections = "53300"

    /// Takes `FATAL:  53300: too many connections` apart.
    private static func refusal(_ text: UnsafePointer<CChar>?) -> (reason: String, state: String?) {
        var state: String?
        var kept: [String] = []
        // Where in the server's source it was is for its own developers.
        for line in (text.map { String(cString: $0) } ?? "").split(separator: "\n") where !line.hasPrefix("LOCATION:") {
            // Two spaces stand behind the severity, and only there.
            if let found = line.firstMatch(of: #/:  ([0-9A-Z]{5}): /#) {
                state = String(found.1)
                kept.append(line[..<found.range.lowerBound] + ": " + line[found.range.upperBound...])
            } else {
                kept.append(String(line))
            }
        }
        return (kept.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " "), state)
    }

    private func make(schema: String) throws(DatabaseError) {
        guard try query("SELECT 1 AS one FROM pg_namespace WHERE nspname = $1", [SQLValue(schema)]).isEmpty else { return }
        // Two sessions that make one schema at once collide in the catalogue in spite of IF NOT EXISTS; the first of them is enough.
        do { try executeScript("CREATE SCHEMA IF NOT EXISTS \(schema)") } catch DatabaseError.uniqueViolation {}
        failure = nil
    }

    /// libpq quotes what it cannot make sense of, and that may be a piece of the password.
    /// - Throws: `unavailable`, with none of the URL in it.
    private static func check(url: String) throws(DatabaseError) {
        let malformed = DatabaseError.unavailable(
            "the PostgreSQL URL is malformed; characters such as @ : / % # in its password must be percent-encoded")
        guard let options = PQconninfoParse(url, nil) else { throw malformed }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val.map({ String(cString: $0) }) {
                switch String(cString: keyword) {
                // An @ in front names an abstract socket.
                case "host", "dbname": if value.dropFirst().contains("@") { throw malformed }
                case "port": if value.contains(where: { !$0.isASCII || !($0.isNumber || $0 == ",") }) { throw malformed }
                default: break
                }
            }
            option += 1
        }
    }

    // MARK: Statements

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> Int {
        let result = try run(sql, arguments)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func query(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> [SQLRow] {
        let result = try run(sql, arguments)
        defer { PQclear(result) }
        let columns = (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
        let types = (0..<PQnfields(result)).map { PQftype(result, $0) }
        return (0..<PQntuples(result)).map { row in
            SQLRow(columns: columns, values: types.indices.map { Self.value(result, row, Int32($0), types[$0]) })
        }
    }

    func forEach(_ sql: String, _ arguments: [SQLValue], _ body: (any SQLColumns) throws -> Bool) throws {
        let result = try run(sql, arguments)
        defer { PQclear(result) }
        for row in 0..<PQntuples(result) {
            guard try body(PostgreSQLColumns(result: result, row: row)) else { return }
        }
    }

    func executeScript(_ sql: String) throws(DatabaseError) {
        try run(sql)
    }

    /// Text without parameters, perhaps of several statements.
    private func run(_ sql: String) throws(DatabaseError) {
        PQclear(try check(PQexec(link, sql)))
    }

    private func run(_ sql: String, _ arguments: [SQLValue]) throws(DatabaseError) -> OpaquePointer? {
        if let failure { throw failure }
        var types: [Oid] = []
        var texts: [[CChar]?] = []
        for argument in arguments {
            do {
                let (type, text) = try Self.parameter(argument)
                types.append(type)
                texts.append(text)
            } catch {
                failure = error
                throw error
            }
        }
        let name = try statement(sql, types)
        // Copies that live through the call.
        let copies = texts.map { $0.map { text in text.withUnsafeBufferPointer { strdup($0.baseAddress!) } } ?? nil }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) }
        let count = Int32(arguments.count)
        if let name { return try check(PQexecPrepared(link, name, count, pointers, nil, nil, 0)) }
        return try check(PQexecParams(link, sql, count, types, pointers, nil, nil, 0))
    }

    /// The name that the server knows the statement by; nil where it has prepared enough.
    private func statement(_ sql: String, _ types: [Oid]) throws(DatabaseError) -> String? {
        let key = types.map(String.init).joined(separator: ",") + ":" + sql
        if let name = prepared[key] { return name }
        guard prepared.count < Self.mostPrepared else { return nil }
        let name = "s\(prepared.count)"
        PQclear(try check(PQprepare(link, name, sql, Int32(types.count), types)))
        prepared[key] = name
        return name
    }

    private func check(_ result: OpaquePointer?) throws(DatabaseError) -> OpaquePointer? {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return result
        default:
            let error = Self.error(result, link)
            hasStalePlans = hasStalePlans || PQresultErrorField(result, Self.routine).map { String(cString: $0) } == "RevalidateCachedQuery"
            PQclear(result)
            failure = failure ?? error
            throw error
        }
    }

    // MARK: Values

    private enum ObjectID {
        static let bool: Oid = 16
        static let bytea: Oid = 17
        static let int8: Oid = 20
        static let int2: Oid = 21
        static let int4: Oid = 23
        static let float4: Oid = 700
        static let float8: Oid = 701
        /// The server tells from the context.
        static let unspecified: Oid = 0
    }

    private static func parameter(_ value: SQLValue) throws(DatabaseError) -> (Oid, [CChar]?) {
        switch value {
        case .null: return (ObjectID.unspecified, nil)
        case .integer(let value): return (ObjectID.int8, "\(value)".utf8CString.map { $0 })
        case .real(let value): return (ObjectID.float8, "\(value)".utf8CString.map { $0 })
        case .text(let value):
            guard !value.utf8.contains(0) else { throw .constraintViolation("text may not hold U+0000") }
            return (ObjectID.unspecified, value.utf8CString.map { $0 })
        case .blob(let bytes):
            let digits = Array("0123456789abcdef".utf8)
            var text: [CChar] = [CChar(bitPattern: UInt8(ascii: "\\")), CChar(bitPattern: UInt8(ascii: "x"))]
            text.reserveCapacity(bytes.count * 2 + 3)
            for byte in bytes {
                text.append(CChar(bitPattern: digits[Int(byte >> 4)]))
                text.append(CChar(bitPattern: digits[Int(byte & 15)]))
            }
            return (ObjectID.bytea, text + [0])
        }
    }

    private static func value(_ result: OpaquePointer?, _ row: Int32, _ column: Int32, _ type: Oid) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let bytes = PQgetvalue(result, row, column) else { return .null }
        let text = String(cString: bytes)
        switch type {
        case ObjectID.bool: return .integer(text == "t" ? 1 : 0)
        case ObjectID.int2, ObjectID.int4, ObjectID.int8: return Int64(text).map { .integer($0) } ?? .text(text)
        case ObjectID.float4, ObjectID.float8: return Double(text).map { .real($0) } ?? .text(text)
        case ObjectID.bytea:
            let digits = text.utf8.dropFirst(2)
            var blob: [UInt8] = []
            blob.reserveCapacity(digits.count / 2)
            var high: UInt8?
            for digit in digits {
                let value = digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
                if let first = high {
                    blob.append(first << 4 | value)
                    high = nil
                } else {
                    high = value
                }
            }
            return .blob(blob)
        default: return .text(text)
        }
    }

    // MARK: Errors

    /// By SQLSTATE (PostgreSQL manual, appendix A).
    private static func error(_ result: OpaquePointer?, _ link: OpaquePointer?) -> DatabaseError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        guard let state = field("C"), PQstatus(link) == CONNECTION_OK else { return .unavailable(line(PQerrorMessage(link))) }
        let message = field("M") ?? state
        switch state {
        case "23505": return .uniqueViolation(field("n") ?? message)
        case "23503": return .foreignKeyViolation(field("n") ?? message)
        case "23502", "23514", "23P01", "22021": return .constraintViolation(field("n") ?? message)
        case "53100": return .diskFull
        case "40001", "40P01": return .conflict
        case let state where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300": return .unavailable(message)
        default: return .failed(message)
        }
    }

    private static func line(_ text: UnsafePointer<CChar>?) -> String {
        text.map { String(cString: $0).split(whereSeparator: \.isWhitespace).joined(separator: " ") } ?? ""
    }
}
