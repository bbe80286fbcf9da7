import Foundation
import NIOCore

/// A file that is kept open to be sent to many clients at once; closed when the last who holds it lets go. What it holds stays
/// readable also when its name is gone.
public final class OpenFile: Sendable {
    private let descriptor: Int32

    /// - Parameter descriptor: of a regular file; owned from here on.
    public init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A descriptor of the same open file, for the caller to close.
    public func duplicate() throws -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        return copy
    }

    /// Bytes of the file to be written to a channel, which takes a descriptor of its own; `closing` closes that.
    func region(_ range: Range<Int>, on eventLoop: any EventLoop) throws -> (region: FileRegion, closing: EventLoopPromise<Void>) {
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: try duplicate())
        let closing = eventLoop.makePromise(of: Void.self)
        closing.futureResult.whenComplete { _ in try? handle.close() }
        return (FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound), closing)
    }
}
