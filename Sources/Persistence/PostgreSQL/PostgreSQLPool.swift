/// The connections of one database, handed out first come, first served.
actor PostgreSQLPool {
    private let configuration: PostgreSQLDatabase.Configuration
    private var idle: [PostgreSQLSession] = []
    private var made = 0
    private var isClosed = false
    private var waiting: [(ticket: UInt64, continuation: CheckedContinuation<PostgreSQLSession?, Never>)] = []
    private var nextTicket: UInt64 = 0
    private var closing: [CheckedContinuation<Void, Never>] = []
    /// Until then none is made beside those that there are: the server had no room for it.
    private var madeAgainFrom = ContinuousClock.now

    private static let pauseAfterRefusal = Duration.seconds(1)

    init(_ configuration: PostgreSQLDatabase.Configuration) {
        self.configuration = configuration
    }

    /// - Throws: `DatabaseError.unavailable` where none came free in time, or the pool is closed.
    func acquire() async throws -> PostgreSQLSession {
        guard !isClosed else { throw DatabaseError.unavailable("the database is closed") }
        if let session = idle.popLast() { return session }
        if made < configuration.connections, made == 0 || ContinuousClock.now >= madeAgainFrom {
            made += 1
            return PostgreSQLSession(configuration)
        }
        let ticket = nextTicket
        nextTicket += 1
        let timer = Task {
            try? await Task.sleep(for: configuration.acquireTimeout)
            giveUp(ticket)
        }
        defer { timer.cancel() }
        let session = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append((ticket, $0)) }
        } onCancel: {
            Task { await self.giveUp(ticket) }
        }
        if let session { return session }
        try Task.checkCancellation()
        throw DatabaseError.unavailable("no connection came free within \(configuration.acquireTimeout)")
    }

    func release(_ session: PostgreSQLSession) {
        if !waiting.isEmpty {
            waiting.removeFirst().continuation.resume(returning: session)
            return
        }
        idle.append(session)
        if isClosed, idle.count == made { finishClosing() }
    }

    /// Takes back one that the server had no room for: until it has, those that there are go round.
    func discard(_: PostgreSQLSession) {
        made -= 1
        madeAgainFrom = .now + Self.pauseAfterRefusal
        if isClosed, idle.count == made { finishClosing() }
    }

    /// Waits for the transactions under way, then ends every connection.
    func close() async {
        isClosed = true
        if idle.count < made { await withCheckedContinuation { closing.append($0) } }
        finishClosing()
    }

    private func finishClosing() {
        idle = []
        made = 0
        for continuation in closing { continuation.resume() }
        closing = []
    }

    private func giveUp(_ ticket: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).continuation.resume(returning: nil)
    }
}
