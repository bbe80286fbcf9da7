import Persistence

extension SQLConnection {
    /// Calls `body` with some of the values at a time, each once: engines bound how many arguments a statement has.
    /// - Parameter body: takes the arguments' places, such as `$1, $2`, and the arguments.
    func forEachChunk(of values: some Collection<String>, _ body: (_ places: String, _ values: [SQLValue]) throws -> Void) rethrows {
        let values = Array(Set(values))
        for start in stride(from: 0, to: values.count, by: 500) {
            let some = values[start..<min(start + 500, values.count)]
            try body(some.indices.map { "$\($0 - start + 1)" }.joined(separator: ", "), some.map { SQLValue($0) })
        }
    }
}
