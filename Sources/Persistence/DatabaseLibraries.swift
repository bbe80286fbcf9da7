import CPostgreSQL

/// The C libraries behind the adapters, for `agrovet doctor`.
public enum DatabaseLibraries {
    /// libpq's version, such as `15.18`; `missing` where it is not installed.
    public static var libpq: String {
        guard cpostgresql_load() != 0 else { return "missing" }
        let version = Int(PQlibVersion())
        return "\(version / 10_000).\(version % 10_000)"
    }

    /// SQLite's version, asked of the library that is loaded.
    public static func sqlite(_ database: SQLiteDatabase) async throws -> String {
        try await database.read { try $0.query("SELECT sqlite_version() AS version").first?.text("version") ?? "" }
    }
}
