import Persistence

extension MediaCore {
    /// Deletes an item in the transaction under way: its row, the wish to remove its objects, and the events.
    /// - Returns: false where there is none.
    func delete(_ id: MediaID, on connection: any SQLConnection) throws -> Bool {
        guard let record = try MediaTable.find(id, on: connection), try MediaTable.delete(id, on: connection) else { return false }
        try ObjectRemovals.request(id, now: Self.now(), on: connection)
        try emit("media.deleted", record, made: [], on: connection)
        // What is private was never in a shared cache, or has been purged when it became private.
        if record.visibility == .public { try emitPurge(record, .deleted, on: connection) }
        return true
    }

    /// To be called when a deletion is durable.
    func deleted(_ id: MediaID) async {
        deliveryCache.drop(id)
        wakeRelay()
        await removalSignal.wake()
        await settled.settle(id)
    }
}
