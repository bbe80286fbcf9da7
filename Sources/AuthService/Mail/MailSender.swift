import Events
import Foundation
import Logging
import ServiceLifecycle

/// Sends what waits in the queue, with waits that double where it does not go.
package struct MailSender: Service {
    let core: AuthCore
    let transport: any MailTransport
    let settings: MailSettings

    private static let firstWait: Int64 = 5000
    private static let longestWait: Int64 = 30 * 60_000
    /// Mail of another process on the same database waits no longer.
    private static let poll = Duration.seconds(5)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while try await sendNext() {}
                } catch {
                    if Task.isCancelled { return }
                    core.logger.error("mail waits", metadata: ["error": "\(error)"])
                }
                await core.mailSignal.wait(atMost: Self.poll)
            }
        }
    }

    /// - Returns: whether there was one.
    package func sendNext() async throws -> Bool {
        let now = core.now
        // Longer than sending may take, or two would send it.
        let until = now + Int64((settings.timeout + .seconds(30)) / .milliseconds(1))
        guard let item = try await core.database.write({ try core.mail.lease(now: now, until: until, on: $0) }) else { return false }
        if item.message.isEmpty {
            core.logger.warning("a message cannot be read: the key of the service was replaced", metadata: ["mail": "\(item.id)"])
            try await core.database.write { try MailQueue.remove(item.id, on: $0) }
            return true
        }
        do {
            try await transport.send(item.message, id: item.id, from: settings.from.address, to: item.recipient)
            try await core.database.write { try MailQueue.remove(item.id, on: $0) }
            core.metrics.count("agrovet_mail_total", "Messages by what became of them.", labels: [("result", "sent")])
        } catch {
            if Task.isCancelled { throw error }
            try await failed(item, error, now: core.now)
        }
        return true
    }

    /// The recipient's address is not logged.
    private func failed(_ item: MailQueue.Item, _ error: any Error, now: Int64) async throws {
        let isFinal: Bool
        if case MailFailure.permanent = error { isFinal = true } else { isFinal = now - item.created > settings.patienceMilliseconds }
        core.metrics.count(
            "agrovet_mail_total", "Messages by what became of them.", labels: [("result", isFinal ? "given_up" : "retry")])
        core.logger.warning(
            isFinal ? "a message is given up" : "a message did not go",
            metadata: ["mail": "\(item.id)", "attempt": "\(item.attempts)", "error": "\(error)"])
        let wait = min(Self.firstWait << Int64(min(item.attempts - 1, 20)), Self.longestWait)
        try await core.database.write { connection in
            if isFinal {
                try MailQueue.remove(item.id, on: connection)
            } else {
                try MailQueue.putBack(item.id, runAfter: now + wait, error: "\(error)", on: connection)
            }
        }
    }
}

/// How mail is sent.
public struct MailSettings: Sendable {
    public var from: MailSenderName
    /// For one message in all.
    public var timeout = Duration.seconds(60)
    /// How long a message is tried.
    public var patience = Duration.seconds(2 * 86_400)

    public init(from: MailSenderName) { self.from = from }

    var patienceMilliseconds: Int64 { Int64(patience / .milliseconds(1)) }
}
