/// One step of a database's schema. Migrations are an ordered, append-only list: one that has been released is never
/// edited, a mistake is mended by the next.
public struct Migration: Sendable {
    /// Unique within a service, such as `0001-media`.
    public let name: String
    private let script: @Sendable (SQLDialect) -> String

    /// A migration whose SQL is the same on both engines.
    public init(_ name: String, _ sql: String) {
        self.init(name) { _ in sql }
    }

    /// A migration that differs by engine.
    public init(_ name: String, sql: @escaping @Sendable (SQLDialect) -> String) {
        self.name = name
        script = sql
    }

    public func sql(for dialect: SQLDialect) -> String { script(dialect) }
}
