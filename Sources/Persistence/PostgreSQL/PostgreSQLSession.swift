import Dispatch

/// A connection and the thread that it is used on.
///
/// Unchecked: the connection is only touched on the queue, which runs one piece of work at a time; the last reference goes when
/// nothing is under way.
final class PostgreSQLSession: @unchecked Sendable {
    private let queue = DispatchQueue(label: "agrovet.postgresql")
    private let connection: PostgreSQLConnection

    init(_ configuration: PostgreSQLDatabase.Configuration) {
        connection = PostgreSQLConnection(configuration)
    }

    func run<T: Sendable>(_ work: @escaping @Sendable (PostgreSQLConnection) throws -> T) async -> Result<T, any Error> {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { try work(self.connection) }) }
        }
    }
}
