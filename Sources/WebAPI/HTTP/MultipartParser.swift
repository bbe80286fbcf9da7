import Foundation
import NIOCore

/// What bounds a multipart body, so that a hostile one costs little.
public struct MultipartLimits: Sendable {
    /// Parts in one body.
    public var parts: Int
    /// Bytes of one part's header section.
    public var headerBytes: Int
    /// Bytes of one field that is not a file.
    public var fieldBytes: Int

    public init(parts: Int = 100, headerBytes: Int = 16 * 1024, fieldBytes: Int = 64 * 1024) {
        self.parts = parts
        self.headerBytes = headerBytes
        self.fieldBytes = fieldBytes
    }
}

/// A multipart/form-data body (RFC 7578, syntax of RFC 2046 section 5.1) as a state machine without I/O: bytes go in as
/// they come, events come out. It never holds more than one header section or one boundary's length back.
public struct MultipartParser: Sendable {
    /// The header of a part.
    public struct PartHeader: Sendable, Equatable {
        /// The form field's name.
        public let name: String
        /// As the client sent it; only ever shown, never part of a path. Nil where the part is no file.
        public let filename: String?
        public let contentType: String?
    }

    public enum Event: Sendable, Equatable {
        case begin(PartHeader)
        case data(ByteBuffer)
        case end
    }

    public enum Failure: Error, Sendable, Equatable {
        case missingBoundary
        case malformed(String)
        case tooManyParts(limit: Int)
        case headerTooLarge(limit: Int)
        case unexpectedEnd
    }

    private enum State {
        case preamble
        case afterBoundary
        case header
        case body
        case finished
    }

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.preamble
    private var buffer = ByteBuffer()
    private var parts = 0

    /// - Parameter contentType: the value of the request's Content-Type.
    public init(contentType: String, limits: MultipartLimits) throws(Failure) {
        guard let boundary = HeaderParameters(contentType).parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
            throw .missingBoundary
        }
        delimiter = Array("\r\n--".utf8) + Array(boundary.utf8)
        self.limits = limits
        // The first boundary may stand at the very start of the body, where no line break precedes it.
        buffer.writeString("\r\n")
    }

    /// Whether the closing boundary was seen.
    public var isFinished: Bool { if case .finished = state { true } else { false } }

    /// Takes the next bytes of the body and returns what they complete.
    public mutating func push(_ bytes: ByteBuffer) throws(Failure) -> [Event] {
        // What follows the closing boundary is to be ignored (RFC 2046 section 5.1.1).
        if isFinished { return [] }
        buffer.writeImmutableBuffer(bytes)
        var events: [Event] = []
        while try step(&events) {}
        buffer.discardReadBytes()
        return events
    }

    /// To be called at the end of the body.
    public func finish() throws(Failure) {
        if !isFinished { throw .unexpectedEnd }
    }

    /// Makes one step; false when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(Failure) -> Bool {
        switch state {
        case .preamble:
            guard let position = find(delimiter) else {
                _ = takeAllButTail()
                return false
            }
            buffer.moveReaderIndex(forwardBy: position + delimiter.count)
            state = .afterBoundary
            return true

        case .afterBoundary:
            guard buffer.readableBytes >= 2 else { return false }
            let view = buffer.readableBytesView
            let (first, second) = (view[view.startIndex], view[view.startIndex + 1])
            if first == UInt8(ascii: "-"), second == UInt8(ascii: "-") {
                state = .finished
                buffer.clear()
                return false
            }
            // Transport padding (white space) may stand between boundary and line break.
            guard let lineEnd = find([0x0D, 0x0A]) else {
                if buffer.readableBytes > 256 { throw .malformed("a boundary line does not end") }
                return false
            }
            let padding = view[view.startIndex..<view.startIndex + lineEnd]
            guard padding.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { throw .malformed("text behind a boundary") }
            buffer.moveReaderIndex(forwardBy: lineEnd + 2)
            parts += 1
            if parts > limits.parts { throw .tooManyParts(limit: limits.parts) }
            state = .header
            return true

        case .header:
            guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
                if buffer.readableBytes > limits.headerBytes { throw .headerTooLarge(limit: limits.headerBytes) }
                return false
            }
            if end > limits.headerBytes { throw .headerTooLarge(limit: limits.headerBytes) }
            let text = buffer.readString(length: end) ?? ""
            // The line break that ends the header may begin the delimiter of an empty body, so two of the four bytes stay.
            buffer.moveReaderIndex(forwardBy: 2)
            events.append(.begin(try Self.parseHeader(text)))
            pendingBlankLine = true
            state = .body
            return true

        case .body:
            if let position = find(delimiter) {
                emit(position, to: &events)
                events.append(.end)
                buffer.moveReaderIndex(forwardBy: delimiter.count)
                state = .afterBoundary
                return true
            }
            if let ready = takeAllButTail() { events.append(.data(ready)) }
            return false

        case .finished:
            return false
        }
    }

    /// The blank line before a body is still at the front of the buffer.
    private var pendingBlankLine = false

    private mutating func emit(_ count: Int, to events: inout [Event]) {
        var count = count
        if pendingBlankLine {
            // An empty body: its delimiter's line break is the blank line itself.
            if count == 0 {
                pendingBlankLine = false
                return
            }
            buffer.moveReaderIndex(forwardBy: 2)
            count -= 2
            pendingBlankLine = false
        }
        if count > 0, let slice = buffer.readSlice(length: count) { events.append(.data(slice)) }
    }

    /// All but what may be the beginning of a delimiter.
    private mutating func takeAllButTail() -> ByteBuffer? {
        if pendingBlankLine {
            guard buffer.readableBytes > delimiter.count + 2 else { return nil }
            buffer.moveReaderIndex(forwardBy: 2)
            pendingBlankLine = false
        }
        let ready = buffer.readableBytes - (delimiter.count - 1)
        return ready > 0 ? buffer.readSlice(length: ready) : nil
    }

    /// Offset of `needle`, which begins with CR LF, from the reader index. A carriage return is rare in a file, so memchr
    /// passes over nearly all of it; where one follows the other, memchr would cost more than it saves.
    private func find(_ needle: [UInt8]) -> Int? {
        buffer.withUnsafeReadableBytes { haystack in
            needle.withUnsafeBytes { needle -> Int? in
                guard let start = haystack.baseAddress, let pattern = needle.baseAddress else { return nil }
                var index = 0
                while index + needle.count <= haystack.count {
                    if haystack[index] != needle[0] {
                        let candidates = haystack.count - needle.count + 1 - index
                        guard let found = memchr(start + index, Int32(needle[0]), candidates) else { return nil }
                        index = UnsafeRawPointer(found) - start
                    }
                    guard haystack[index + 1] == needle[1] else {
                        index += 1
                        continue
                    }
                    // The last byte first: lines that are no boundary mostly differ there.
                    if haystack[index + needle.count - 1] == needle[needle.count - 1],
                        memcmp(start + index, pattern, needle.count) == 0
                    {
                        return index
                    }
                    index += 2
                }
                return nil
            }
        }
    }

    private static func parseHeader(_ text: String) throws(Failure) -> PartHeader {
        var disposition: HeaderParameters?
        var contentType: String?
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed("a header line has no colon") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch name {
            case "content-disposition": disposition = HeaderParameters(String(value))
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition.parameters["name"] else {
            throw .malformed("a part has no Content-Disposition: form-data with a name")
        }
        return PartHeader(name: name, filename: disposition.parameters["filename"], contentType: contentType)
    }
}
