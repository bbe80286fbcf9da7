import CPostgreSQL
import GRDBSQLite

/// The C libraries behind the adapters, for `agrovet doctor`.
public enum DatabaseLibraries {
    /// libpq's version, such as `15.18`; `missing` where it is not installed.
    public static var libpq: String {
        guard cpostgresql_load() != 0 else { return "missing" }
        let version = Int(PQlibVersion())
        return "\(version / 10_000).\(version % 10_000)"
    }

    /// SQLite's version, asked of the library that is loaded.
    public static var sqlite: String { String(cString: sqlite3_libversion()) }
}
