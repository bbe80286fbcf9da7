import Foundation
import ServiceLifecycle

/// Writes down what was used when, renews the key that signs, and takes away what has ended.
struct AuthUpkeep: Service {
    let core: AuthCore

    private static let pause = Duration.seconds(60)
    /// How long what has ended is kept, for questions about it, in milliseconds.
    private static let retention: Int64 = 7 * 86_400_000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.pause)) != nil {
                do { try await pass() } catch {
                    if Task.isCancelled { return }
                    core.logger.warning("upkeep of accounts failed", metadata: ["error": "\(error)"])
                }
            }
        }
        try? await core.recent.flush(core.database)
    }

    func pass() async throws {
        try await core.recent.flush(core.database)
        let now = core.now
        try await core.ring.maintain(age: core.settings.keyAge, now: now)
        try await core.database.write { [settings = core.settings] connection in
            let memory = max(
                settings.accountAttempts.memory, settings.addressAttempts.memory, settings.mailAttempts.memory,
                settings.registrations.memory)
            try Attempts.sweep(before: now - AuthSettings.milliseconds(memory), on: connection)
            try MailTokens.sweep(before: now, on: connection)
            try RefreshTokens.sweep(before: now, on: connection)
            try RefreshTokens.forgetSuccessors(before: now - AuthSettings.milliseconds(settings.refreshOverlap), on: connection)
            try SessionTable.sweep(before: now - Self.retention, on: connection)
            try connection.execute("DELETE FROM oauth_codes WHERE expires < \(now - Self.retention)")
        }
    }
}
