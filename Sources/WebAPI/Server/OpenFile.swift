import Foundation
import NIOCore

/// A file that is kept open to be sent to many clients at once; closed when the last who holds it lets go. What it holds stays
/// readable also when its name is gone.
public final class OpenFile: Sendable {
    private let descriptor: Int32
    /// Who closes it; nil: this does.
    private let holder: (any AnyObject & Sendable)?

    /// - Parameter descriptor: of a regular file; owned from here on.
    public init(owning descriptor: Int32) {
        self.descriptor = descriptor
        holder = nil
    }

    /// - Parameters:
    ///   - descriptor: of a regular file.
    ///   - holder: keeps it open for as long as it lives.
    public init(_ descriptor: Int32, heldBy holder: any AnyObject & Sendable) {
        self.descriptor = descriptor
        self.holder = holder
    }

    deinit {
        if holder == nil { close(descriptor) }
    }

    /// A descriptor of the same open file, for the caller to close.
    public func duplicate() throws -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        return copy
    }

    /// Bytes of the file to be written to a channel. The file stays open until the promise, which is to be given to that write, is kept.
    func region(_ range: Range<Int>, on eventLoop: any EventLoop) -> (region: FileRegion, sent: EventLoopPromise<Void>) {
        // One for each write, as NIO has a handle used by one at a time; none of them closes the descriptor, which spares its duplication.
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        let sent = eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in
            _ = try? handle.takeDescriptorOwnership()
            withExtendedLifetime(self) {}
        }
        return (FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound), sent)
    }
}
