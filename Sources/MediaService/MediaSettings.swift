import Foundation

/// What bounds the media service. The pipeline's own limits stand in `PipelineSettings`.
public struct MediaSettings: Sendable {
    /// Bytes of an upload request's body.
    public var uploadBytes = 256 * 1024 * 1024
    /// Files in one upload request.
    public var uploadFiles = 50
    /// The longest that `Prefer: wait` may ask for.
    public var waitLimit = Duration.seconds(30)
    /// How long signed links to private media work, unless the request says otherwise.
    public var signedURLLifetime = Duration.seconds(3600)
    /// The longest that a signed link may be asked for.
    public var signedURLLimit = Duration.seconds(7 * 86_400)
    /// How long a worker holds a render job without a sign of life.
    public var lease = Duration.seconds(60)
    public var jobAttempts = 5
    /// Wait before a job's second attempt; doubled with each.
    public var jobBackoff = Duration.seconds(2)
    /// How often a job is put back whose codec workers were killed by somebody else. It is not the job's fault, so these are many: a loop of
    /// kills, or memory that others take, costs time alone. But a video that the kernel ends each time must have an end.
    public var jobKills = 30
    /// The longest wait after such a kill; the first is a second, and it doubles.
    public var jobKillBackoff = Duration.seconds(300)
    /// What links begin with, such as `https://media.example.org`; empty for the address that the client used.
    public var publicURL = ""
    /// Where a video is written before it becomes an object; this process is its only user, and sweeps it at start.
    public var temporaryFolder = NSTemporaryDirectory()
    /// No other process works on this database and object store: leftovers found at start are nobody's.
    public var isExclusive = true
    /// Renditions made because they were asked for, and waited for, at once; more are turned away.
    public var rendersOnRequest = 64
    /// Bytes of renditions that are kept; those that were used least recently go, to be made again when they are asked for.
    /// 0 for no limit.
    public var renditionBytes = 0
    /// What is kept ready to be sent.
    public var delivery = DeliveryCacheLimits()

    public init() {}

    var retries: RetryPolicy { RetryPolicy(attempts: jobAttempts, firstWait: jobBackoff) }

    var retriesAfterKill: RetryPolicy { RetryPolicy(attempts: jobKills, firstWait: .seconds(1), longestWait: jobKillBackoff) }
}
