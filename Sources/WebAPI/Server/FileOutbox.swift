import HTTPTypes
import NIOCore
import Synchronization

/// Lets a handler have a file sent by the kernel, which Hummingbird's response body knows no way for: the handler posts the file
/// and puts the field that it gets into an answer without a body; `ReadyAnswerHandler` takes the field off the head and sends the
/// file behind it. One for a connection; what was posted for an answer that was never given goes with it.
public final class FileOutbox: Sendable {
    /// The connection's whose request is being handled; nil where nobody would send the file.
    @TaskLocal public static var current: FileOutbox?

    static let field = HTTPField.Name("X-Agrovet-Send-File")!

    private struct State {
        var next = 0
        var waiting: [Int: (file: OpenFile, range: Range<Int>)] = [:]
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameter range: bytes of the file; the answer's `Content-Length` is as many.
    /// - Returns: the field to put into the answer's head. It does not leave the server.
    public func post(_ file: OpenFile, _ range: Range<Int>) -> HTTPField {
        let number = state.withLock { state in
            state.next += 1
            state.waiting[state.next] = (file, range)
            return state.next
        }
        return HTTPField(name: Self.field, value: String(number))
    }

    /// Takes back what an answer's head has the field of.
    func withdraw(_ headers: inout HTTPFields) {
        guard let number = headers[Self.field] else { return }
        headers[Self.field] = nil
        _ = take(number)
    }

    func take(_ number: String) -> (file: OpenFile, range: Range<Int>)? {
        state.withLock { state in Int(number).flatMap { state.waiting.removeValue(forKey: $0) } }
    }
}
