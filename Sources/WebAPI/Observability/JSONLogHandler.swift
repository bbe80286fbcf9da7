import Foundation
import Logging

/// Writes each log line as one JSON object to standard error: what Loki and `jq` read without a parser of their own.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level
    private let label: String

    public init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = JSONLine()
        line.raw("{\"time\":\"")
        line.raw(Timestamp.text(Date()))
        line.raw("\",\"level\":\"")
        line.raw(event.level.rawValue)
        line.raw("\",\"logger\":")
        line.string(label)
        line.raw(",\"message\":")
        line.string(event.message.description)
        for (key, value) in merged(event.metadata).sorted(by: { $0.key < $1.key }) {
            if case .stringConvertible(let value) = value, let request = value as? LoggedRequest {
                request.write(to: &line)
                continue
            }
            line.raw(",")
            line.string(key)
            line.raw(":")
            if case .string(let text) = value { line.string(text) } else { line.raw(Self.json(value)) }
        }
        line.raw("}\n")
        Self.write(line.bytes)
    }

    private func merged(_ explicit: Logger.Metadata?) -> Logger.Metadata {
        let provided = metadataProvider?.get() ?? [:]
        if let explicit, metadata.isEmpty, provided.isEmpty { return explicit }
        return metadata.merging(provided) { $1 }.merging(explicit ?? [:]) { $1 }
    }

    /// One system call for a line: lines of several threads do not mix. A log that cannot be written (its disk is full, its
    /// reader has gone) is lost, never the server: FileHandle's write would end the process.
    private static func write(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Foundation.write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): JSONText.string(text)
        case .stringConvertible(let value): JSONText.string("\(value)")
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values): JSONText.object(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) })
        }
    }
}
