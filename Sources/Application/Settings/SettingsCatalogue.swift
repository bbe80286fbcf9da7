import Codecs
import Foundation
import MediaPipeline
import MediaService

/// Every setting there is. Each limit of the server is one of these; the defaults are safe on a laptop.
enum SettingsCatalogue {
    // The server
    static let host = Setting("host", default: "127.0.0.1", .text, "Address to listen on; 0.0.0.0 for every one")
    static let port = Setting("port", default: "8080", .integer(0...65_535), "TCP port of the API and the page; 0 picks a free one")
    static let data = Setting(
        "data", default: "storage", .text, "Folder of databases, blobs, events and keys; nothing outside it is written")
    static let publicURL = Setting(
        "public-url", default: "", .origin, "What links in answers begin with; empty: as the client addressed the server")
    static let corsOrigins = Setting(
        "cors-origins", default: "", .list, "Origins whose pages may call the API from a browser, or *; images are open to every origin")
    static let secureCookies = Setting("secure-cookies", default: "false", .flag, "Send the session cookie over TLS only")
    static let logLevel = Setting(
        "log-level", default: "info", .oneOf(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        "Least level that is logged")

    static let services = Setting(
        "services", default: ServiceName.allCases.map(\.rawValue).joined(separator: ","), .services,
        "Services that run in this process; the others run in processes of their own")

    // Database
    static let databaseURL = Setting(
        "database-url", default: "", .databaseURL, secret: true,
        "PostgreSQL for all services, each in a schema of its own; empty: SQLite files in the data folder")
    static let databaseURLs = Setting(
        "database-urls", default: "", .databaseURLs, secret: true,
        "PostgreSQL databases of single services, such as auth=postgresql://…; the others are where database-url says")
    static let databaseConnections = Setting(
        "database-connections", default: "8", .integer(1...200), "Connections to PostgreSQL, or readers of SQLite")

    // Where objects lie
    static let objectStore = Setting(
        "object-store", default: "local", .oneOf(["local", "s3"]),
        "Where the bytes of objects lie: in the data folder, or on an S3 endpoint")
    static let upstreamEndpoint = Setting(
        "upstream-endpoint", default: "", .upstreamEndpoint, "S3 endpoint that holds the bytes, such as http://127.0.0.1:9100")
    static let upstreamBucket = Setting("upstream-bucket", default: "", .text, "Bucket on the S3 endpoint; it has to be there")
    static let upstreamCAFile = Setting(
        "upstream-ca-file", default: "", .text,
        "PEM file of the authorities that the endpoint's certificate may come from; empty: those that the system trusts")
    static let upstreamRegion = Setting(
        "upstream-region", default: "us-east-1", .text, "Region that requests to the endpoint are signed for")
    static let upstreamAccessKey = Setting("upstream-access-key", default: "", .text, "Access key of the S3 endpoint")
    static let upstreamSecretKey = Setting("upstream-secret-key", default: "", .text, secret: true, "Secret key of the S3 endpoint")
    static let upstreamPrefix = Setting(
        "upstream-prefix", default: "", .keyPrefix, "What the names of all objects on the endpoint begin with; each server needs its own")
    static let upstreamPathStyle = Setting(
        "upstream-path-style", default: "true", .flag, "Name the bucket in the path; false: before the host's name, as AWS prefers")
    static let upstreamPartSize = Setting(
        "upstream-part-size", default: "16MiB", .bytes, "Bytes from which on a file is sent to the endpoint in parts of that size")
    static let upstreamTimeout = Setting("upstream-timeout", default: "30s", .duration, "How long the S3 endpoint may stand still")
    static let upstreamRetries = Setting(
        "upstream-retries", default: "6", .integer(0...30),
        "Further attempts of a request to the endpoint, after waits that double up to 10 s")
    static let upstreamConnections = Setting(
        "upstream-connections", default: "32", .integer(1...1000), "Connections to the S3 endpoint that are kept")

    // HTTP limits
    static let maxConnections = Setting(
        "max-connections", default: "2048", .integer(1...100_000),
        "Connections at once of each port; more wait. Fewer where the process may not have as many files open (ulimit -n)")
    static let healthPatience = Setting(
        "health-patience", default: "5s", .duration, "How long what the server stands on may take to answer a health check")
    static let jsonBodyLimit = Setting("json-body-limit", default: "1MiB", .bytes, "Bytes of a request's JSON, or of a form's fields")
    static let throttleAnonymous = Setting(
        "throttle-anonymous", default: "1200/min", .rate, "Requests of an address that is nobody's, bytes of media aside; empty: no limit")
    static let throttleUser = Setting(
        "throttle-user", default: "6000/min", .rate, "Requests of a user, bytes of media aside; staff have no limit; empty: none has")
    static let trustedProxies = Setting(
        "trusted-proxies", default: "", .networks, "Networks of proxies whose X-Forwarded-For tells the client's address")
    static let idleTimeout = Setting("idle-timeout", default: "60s", .duration, "How long a connection may stand still")
    static let sendTimeout = Setting("send-timeout", default: "60s", .duration, "How long a client may take nothing of an answer")
    static let headerBytes = Setting("header-bytes", default: "64KiB", .bytes, "Bytes of a request's headers")
    static let headerCount = Setting("header-count", default: "200", .integer(10...10_000), "Header fields of a request")
    static let waitLimit = Setting("wait-limit", default: "30s", .duration, "Longest wait that Prefer: wait may ask for")
    static let maxEventStreams = Setting("max-event-streams", default: "200", .integer(1...100_000), "Event streams open at once")
    static let maxEventStreamsOfUser = Setting(
        "max-event-streams-per-user", default: "20", .integer(1...100_000), "Event streams of one user open at once")

    // Uploads
    static let uploadLimit = Setting("upload-limit", default: "256MiB", .bytes, "Bytes of an upload request's body")
    static let uploadFiles = Setting("upload-files", default: "50", .integer(1...1000), "Files in one upload request")
    static let resumableLimit = Setting("resumable-limit", default: "1GiB", .bytes, "Bytes of one resumable upload (tus)")
    static let resumableLifetime = Setting(
        "resumable-lifetime", default: "24h", .duration, "How long a resumable upload is kept after its last byte came")
    static let resumableUploads = Setting(
        "resumable-uploads", default: "1000", .integer(1...1_000_000), "Unfinished resumable uploads of one owner")
    static let resumableStall = Setting(
        "resumable-stall", default: "5s", .duration,
        "Silence after which a connection that writes to a resumable upload gives way to one that asks how far it is")
    static let presignKeys = Setting(
        "presign-keys", default: "", .keys, secret: true,
        "Keys of presigned upload addresses: the first signs, all are accepted; empty: keys/signing-key of the data folder")
    static let presignLifetime = Setting(
        "presign-lifetime", default: "15m", .duration, "How long presigned upload addresses work, unless the request says otherwise")
    static let importOn = Setting("import", default: "true", .flag, "Fetch files from URLs that clients name")
    static let importAllow = Setting(
        "import-allow", default: "", .addressRules,
        "Hosts and networks that files are fetched from though they are not of the public Internet")
    static let importPorts = Setting("import-ports", default: "80,443", .ports, "TCP ports that files are fetched from")
    static let importRedirects = Setting("import-redirects", default: "5", .integer(0...20), "Redirects of one import")
    static let importConnectTimeout = Setting(
        "import-connect-timeout", default: "10s", .duration, "How long an import waits for a connection")
    static let importTimeout = Setting("import-timeout", default: "45s", .duration, "How long an import may take in all")
    static let imports = Setting("imports", default: "8", .integer(1...1000), "Imports at once; more are answered 503")
    static let importsPerUser = Setting("imports-per-user", default: "4", .integer(1...1000), "Imports of one user at once")
    static let minimumFreeDisk = Setting(
        "minimum-free-disk", default: "64MiB", .bytes, "Free bytes below which the server says that it is not ready")

    // Storage
    static let storagePackLimit = Setting(
        "storage-pack-limit", default: "1MiB", .bytes, "Bytes up to which an object that came by S3 shares a file with others; 0: none does"
    )
    static let storagePackSize = Setting(
        "storage-pack-size", default: "256MiB", .bytes, "Bytes after which the next file of small objects begins")
    static let storageStagingMemory = Setting(
        "storage-staging-memory", default: "64MiB", .bytes, "Bytes that small objects on their way to the disk may take in memory together")
    static let storageOpenPacks = Setting(
        "storage-open-packs", default: "64", .integer(1...10_000), "Files of small objects that are kept open for reading")
    static let storageCachedObjects = Setting(
        "storage-cached-objects", default: "50000", .integer(0...100_000_000),
        "Objects whose index rows are kept in memory, about 1 KiB each")
    static let storageCachedLists = Setting(
        "storage-cached-lists", default: "16MiB", .bytes, "Bytes that lists of folders may take in memory; 0: none is kept")
    static let storageBatch = Setting(
        "storage-batch", default: "256", .integer(1...10_000), "Changes that are committed together at the most")
    static let storageCollectInterval = Setting(
        "storage-gc-interval", default: "6h", .duration, "Pause between two collections of garbage; 0: none")
    static let storageDeadShare = Setting(
        "storage-gc-dead", default: "50", .integer(1...100),
        "Percent of a file of small objects that must be dead before the rest is moved out")
    static let storageScrubRate = Setting(
        "storage-scrub-rate", default: "0", .bytes, "Bytes a second that are read in the background to find rotten ones; 0: none")
    static let storageScrubPause = Setting(
        "storage-scrub-pause", default: "7d", .duration, "Pause between two readings of the whole storage")

    // Virus scan
    static let clamd = Setting(
        "clamd", default: "", .clamd, "ClamAV daemon that looks at uploads before they are taken; empty: they are not looked at")
    static let scanRequired = Setting(
        "scan-required", default: "true", .flag, "Refuse uploads while the virus scanner does not answer; false takes them unscanned")
    static let scanTimeout = Setting("scan-timeout", default: "30s", .duration, "How long the scan of one file may take")
    static let scanConnections = Setting("scan-connections", default: "4", .integer(1...64), "Scans at once; more wait")

    // S3
    static let s3 = Setting("s3", default: "true", .flag, "Serve the S3 protocol")
    static let s3Port = Setting("s3-port", default: "9000", .integer(0...65_535), "TCP port of the S3 protocol; 0 picks a free one")
    static let s3PublicURL = Setting(
        "s3-public-url", default: "", .origin, "What presigned links of the console begin with; empty: the console's host and s3-port")
    static let s3Region = Setting("s3-region", default: "us-east-1", .text, "Region that buckets say they are in")
    static let s3Domains = Setting(
        "s3-domains", default: "", .list, "Names that buckets are hosts of (bucket.name); empty: only paths name buckets")
    static let s3PutLimit = Setting("s3-put-limit", default: "5GiB", .bytes, "Bytes of one S3 PUT, a part of an upload among them")
    static let s3MinimumPartSize = Setting(
        "s3-minimum-part-size", default: "5MiB", .bytes, "Bytes that a part of an S3 upload has at least, but for the last")
    static let s3PageKeys = Setting("s3-page-keys", default: "1000", .integer(1...10_000), "Keys on one page of an S3 list at most")
    static let s3Buckets = Setting("s3-buckets", default: "1000", .integer(1...1_000_000), "Buckets of one user")
    static let s3ClockSkew = Setting("s3-clock-skew", default: "15m", .duration, "How far the clock of an S3 client may be off")
    static let s3Webhooks = Setting(
        "s3-webhooks", default: "", .list, secret: true,
        "Addresses that buckets' notifications may go to, NAME=URL each; a bucket names one as arn:agrovet:sqs::NAME:webhook")
    static let s3WebhookSecret = Setting(
        "s3-webhook-secret", default: "", .text, secret: true, "What those notifications are signed with; empty: they are not")
    static let s3WebhookTimeout = Setting(
        "s3-webhook-timeout", default: "15s", .duration, "How long the receiver of a bucket's notification may take to answer")
    static let s3WebhookPatience = Setting(
        "s3-webhook-patience", default: "24h", .duration, "How long a bucket's notification is tried before it is given up")
    static let s3LifecycleInterval = Setting(
        "s3-lifecycle-interval", default: "1h", .duration, "Pause between two passes over the lifecycles of all buckets")
    static let s3LifecycleDay = Setting(
        "s3-lifecycle-day", default: "24h", .duration, "What a lifecycle counts as a day; shorter for tests alone")
    static let s3SignatureV2 = Setting(
        "s3-signature-v2", default: "off", .oneOf(["off", "forms"]), "Take POST forms that are signed by the old Signature V2")

    // Media buckets
    static let mediaBucketVisibility = Setting(
        "media-bucket-visibility", default: "private", .oneOf(["private", "public"]),
        "Visibility of media that come from a media bucket, where the bucket's mark does not say")
    static let mediaBucketLimit = Setting(
        "media-bucket-limit", default: "1GiB", .bytes, "Bytes of an object of a media bucket that becomes media")
    static let mediaBucketWorkers = Setting(
        "media-bucket-workers", default: "2", .integer(1...64), "Objects of media buckets taken in at once")

    // Renders
    static let presets = Setting(
        "presets", default: "thumb=160x160:crop,small=320x320:fit,medium=640x640:fit,large=1280x1280:fit", .presets,
        "Sizes that every photo is rendered in")
    static let maxPixels = Setting(
        "max-pixels", default: "256000000", .integer(1...4_000_000_000), "Pixels of a picture that is decoded at all")
    static let maxVideoDuration = Setting("max-video-duration", default: "4h", .duration, "The longest video that is taken")
    static let videoProbeBytes = Setting(
        "video-probe-bytes", default: "4MiB", .bytes, "Bytes of a video read to learn what its header leaves out")
    static let videoReadBytes = Setting("video-read-bytes", default: "256MiB", .bytes, "Bytes of a video read for its poster, at most")
    static let videoPackets = Setting(
        "video-packets", default: "20000", .integer(100...10_000_000), "Packets of a video read for its poster, at most")
    static let videoTracks = Setting("video-tracks", default: "64", .integer(1...1000), "Tracks of a video; one with more is refused")
    static let renderMemory = Setting("render-memory", default: "512MiB", .bytes, "Bytes that all renders under way may take together")
    static let renderWorkers = Setting("render-workers", default: "2", .integer(1...256), "Renders at once")
    static let codecIsolation = Setting(
        "codec-isolation", default: "true", .flag, "Decode and encode in child processes that can do nothing else; false is for debugging")
    static let renderTimeout = Setting(
        "render-timeout", default: "120", .integer(1...86_400), "CPU seconds of one render before it is given up")
    static let webVideo = Setting(
        "web-video", default: "true", .flag, "Write each video as MP4 that every browser plays (H.264 and AAC, index first)")
    static let webVideoSize = Setting(
        "web-video-size", default: "720", .integer(16...4320), "Pixels of the short side of such a video; its long side is 16/9 of that")
    static let webVideoQuality = Setting("web-video-quality", default: "23", .integer(0...51), "Its constant rate factor: small is good")
    static let webVideoPreset = Setting(
        "web-video-preset", default: "veryfast",
        .oneOf(["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]),
        "Effort of its encoder (libx264)")
    static let webVideoBitRate = Setting(
        "web-video-bit-rate", default: "5000000", .integer(100_000...200_000_000), "Bits a second of its picture, at most")
    static let webVideoBytes = Setting("web-video-bytes", default: "2GiB", .bytes, "Bytes of a video written for browsers, at most")
    static let webVideoThreads = Setting("web-video-threads", default: "2", .integer(1...64), "Threads of its encoder")
    static let webVideoTimeout = Setting(
        "web-video-timeout", default: "7200", .integer(1...604_800), "CPU seconds of one video before it is given up")
    static let webVideoStall = Setting(
        "web-video-stall", default: "120", .integer(1...86_400), "Seconds without progress before a video is begun anew, once, or given up")
    static let hls = Setting("hls", default: "false", .flag, "Also write videos as HLS, with segments of fragmented MP4")
    static let hlsSegment = Setting("hls-segment", default: "6s", .duration, "Length of a segment of HLS, at least")
    static let videoWorkers = Setting("video-workers", default: "1", .integer(1...64), "Videos written at once")
    static let videoNiceness = Setting(
        "video-niceness", default: "10", .integer(0...19), "How far writing a video steps back behind pictures that somebody waits for")
    static let videoMemory = Setting(
        "video-memory", default: "2304MiB", .bytes, "Bytes that videos being written may take together; one of 8K takes 1.1 to 2.1 GiB")
    static let jpegQuality = Setting("jpeg-quality", default: "80", .integer(1...100), "libjpeg quality of renditions")
    static let webpQuality = Setting("webp-quality", default: "80", .integer(1...100), "libwebp quality of renditions")
    static let webpMethod = Setting("webp-method", default: "4", .integer(0...6), "libwebp effort: 0 fast, 6 small")
    static let avif = Setting("avif", default: "false", .flag, "Also write renditions as AVIF: smaller, and many times slower")
    static let avifQuality = Setting("avif-quality", default: "55", .integer(1...100), "AVIF quality of renditions")
    static let animationFrames = Setting(
        "animation-frames", default: "600", .integer(1...10_000),
        "Frames of an animated rendition; of a longer animation every second, third … is kept; 1 for stills only")
    static let animationPixels = Setting(
        "animation-pixels", default: "250000000", .integer(1...100_000_000_000),
        "Pixels of all frames together that an animated rendition is made from; beyond, frames are left out")
    static let videoPreview = Setting(
        "video-preview", default: "false", .flag, "Also make a short animated WebP of each video: the rendition `preview`")
    static let videoPreviewSize = Setting(
        "video-preview-size", default: "320", .integer(16...1280), "Longer side of a video's preview, in pixels")
    static let videoPreviewSeconds = Setting("video-preview-seconds", default: "3", .integer(1...30), "Length of a video's preview")
    static let videoPreviewRate = Setting("video-preview-rate", default: "8", .integer(1...30), "Frames a second of a video's preview")

    // Transforms
    static let transformKeys = Setting(
        "transform-keys", default: "", .keys, secret: true,
        "Keys of signed image addresses: the first signs, all are accepted; empty: keys/transform-key of the data folder")
    static let transformUnsigned = Setting(
        "transform-unsigned", default: "false", .flag, "Take unsigned in place of a signature, for public media")
    static let transformPixels = Setting(
        "transform-pixels", default: "16000000", .integer(1...268_000_000), "Pixels of a transformed picture")
    static let transformBlur = Setting(
        "transform-blur", default: "100", .integer(0...1000), "Greatest standard deviation of blur and sharpen, in pixels")
    static let transformDPR = Setting("transform-dpr", default: "4", .integer(1...10), "Greatest pixel ratio of a transform")
    static let transformWebPMethod = Setting(
        "transform-webp-method", default: "2", .integer(0...6), "libwebp effort of transforms: 0 fast, 6 small")
    static let transformRenders = Setting(
        "transform-renders", default: "64", .integer(1...10_000), "Transforms under way and waiting; more are answered 503")
    static let transformCacheBytes = Setting(
        "transform-cache-bytes", default: "1GiB", .bytes, "Bytes of transformed pictures kept on disk; the least recently used go first")

    // Delivery
    static let deliveryCacheBytes = Setting(
        "delivery-cache-bytes", default: "64MiB", .bytes, "Memory for public pictures that are sent without a look at the disk; 0: none")
    static let deliveryCacheBody = Setting(
        "delivery-cache-body", default: "256KiB", .bytes, "Bytes of a picture that is kept in memory; of a larger one the file is kept open"
    )
    static let deliveryCacheFiles = Setting(
        "delivery-cache-files", default: "128", .integer(0...100_000), "Files kept open to be sent without a look at the database")
    static let deliveryRecheck = Setting(
        "delivery-recheck", default: "10s", .duration, "How long a picture is sent without a look at its record; 0: each time looked at")
    static let renditionRenders = Setting(
        "rendition-renders", default: "64", .integer(1...10_000), "Renditions made on request and waited for; more are answered 503")
    static let renditionCacheSize = Setting(
        "rendition-cache-size", default: "0", .bytes,
        "Bytes of renditions kept; the least recently used go and are made again when asked for; 0: no limit")

    // Jobs
    static let jobAttempts = Setting("job-attempts", default: "5", .integer(1...100), "Attempts of a render job before it is given up")
    static let jobLease = Setting("job-lease", default: "60s", .duration, "How long a worker holds a job without a sign of life")
    static let jobKills = Setting(
        "job-kills", default: "30", .integer(1...100_000),
        "Times that a job is put back because its codec workers were killed from outside before it is given up: with the default about 2 hours"
    )
    static let jobKillBackoff = Setting(
        "job-kill-backoff", default: "5m", .duration, "Longest wait after that; the first is a second, and it doubles each time")
    static let jobBackoff = Setting("job-backoff", default: "2s", .duration, "Wait before a job's second attempt; doubles each time")

    // Access
    static let sessionLifetime = Setting("session-lifetime", default: "30d", .duration, "How long the page stays signed in")
    static let signedURLLifetime = Setting("signed-url-lifetime", default: "1h", .duration, "How long links to private media work")

    // Events
    static let eventRetention = Setting("event-retention", default: "30d", .duration, "How long events stay in the log")
    static let eventRetentionBytes = Setting(
        "event-retention-bytes", default: "1GiB", .bytes, "Bytes of a topic's log before its oldest events go")

    // Webhooks
    static let webhookAllow = Setting(
        "webhook-allow", default: "", .addressRules,
        "Hosts and networks that webhooks may reach though they are not public, and by plain HTTP")
    static let webhookEndpoints = Setting("webhook-endpoints", default: "20", .integer(0...10_000), "Webhook endpoints of one owner")
    static let webhookTimeout = Setting("webhook-timeout", default: "20s", .duration, "How long a webhook's receiver may take to answer")
    static let webhookRetries = Setting(
        "webhook-retries", default: "5s,5m,30m,2h,5h,10h,14h,20h,24h", .durations, "Waits between a webhook's attempts")
    static let webhookConnections = Setting(
        "webhook-connections", default: "4", .integer(1...100), "Webhook requests to one endpoint at once")
    static let webhookPending = Setting(
        "webhook-pending", default: "100000", .integer(1...10_000_000),
        "Deliveries that may wait for one endpoint; one with more is switched off")
    static let webhookRetention = Setting(
        "webhook-retention", default: "7d", .duration, "How long webhook deliveries stay listed when they are settled")
    static let webhookSecretOverlap = Setting(
        "webhook-secret-overlap", default: "24h", .duration, "How long a webhook secret signs beside the one that replaced it")

    // Services
    static let mediaURL = Setting(
        "media-url", default: "", .origin, "Where clients find media, for other services' answers; empty: at this server's address")
    static let idempotencyLifetime = Setting(
        "idempotency-lifetime", default: "7d", .duration, "How long repetitions of a request are recognised by its Idempotency-Key")

    // Profiles
    static let profileGallery = Setting(
        "profile-gallery", default: "24", .integer(1...500), "Photos and videos in the gallery of a profile")
    static let profileBioLength = Setting("profile-bio-length", default: "5000", .integer(100...100_000), "Characters of a biography")
    static let reviewLength = Setting("review-length", default: "2000", .integer(100...100_000), "Characters of a review")

    // Marketplace
    static let addLifetime = Setting("add-lifetime", default: "60d", .duration, "How long an ad stays in the lists unless its seller says")
    static let addsPerSeller = Setting(
        "adds-per-seller", default: "1000", .integer(1...1_000_000), "Ads of one seller that have not expired")
    static let currency = Setting(
        "currency", default: "USD", .currency, "Currency of ads whose seller says none (ISO 4217)")
    static let savedSearches = Setting("saved-searches", default: "50", .integer(1...10_000), "Saved searches of one user")
    static let paymentProvider = Setting(
        "payment-provider", default: "offline", .oneOf(["offline", "webhook"]),
        "How buyers pay: between themselves and the seller, or at a provider that sends signed messages")
    static let paymentPage = Setting(
        "payment-page", default: "", .text, "Where buyers pay at the provider; {order}, {amount} and {currency} in it are filled in")
    static let paymentSecret = Setting(
        "payment-secret", default: "", .text, secret: true, "Key that the provider's messages are signed with (whsec_…)")
    static let paymentTimeout = Setting(
        "payment-timeout", default: "3d", .duration, "How long an order waits for its payment before it is cancelled")

    // Commands that talk to a running server
    static let server = Setting("server", default: "http://127.0.0.1:8080", .origin, "Server that `agrovet media` talks to")
    static let token = Setting(
        "token", default: "", .text, secret: true, "API token of `agrovet media`; empty: keys/api-token of the data folder")

    static let all: [any AnySetting] =
        [
            host, port, data, publicURL, corsOrigins, secureCookies, logLevel,
            services, databaseURL, databaseURLs, databaseConnections,
            objectStore, upstreamEndpoint, upstreamCAFile, upstreamBucket, upstreamRegion, upstreamAccessKey, upstreamSecretKey,
            upstreamPrefix,
            upstreamPathStyle, upstreamPartSize, upstreamTimeout, upstreamRetries, upstreamConnections,
            maxConnections, idleTimeout, sendTimeout, headerBytes, headerCount, jsonBodyLimit, throttleAnonymous, throttleUser,
            trustedProxies, healthPatience,
            waitLimit, maxEventStreams, maxEventStreamsOfUser,
            uploadLimit, uploadFiles, resumableLimit, resumableLifetime, resumableUploads, resumableStall,
            presignKeys, presignLifetime,
            importOn, importAllow, importPorts, importRedirects, importConnectTimeout, importTimeout, imports, importsPerUser,
            minimumFreeDisk,
            storagePackLimit, storagePackSize, storageStagingMemory, storageOpenPacks, storageCachedObjects, storageCachedLists,
            storageBatch,
            storageCollectInterval, storageDeadShare, storageScrubRate, storageScrubPause,
            clamd, scanRequired, scanTimeout, scanConnections,
            s3, s3Port, s3PublicURL, s3Region, s3Domains, s3PutLimit, s3MinimumPartSize, s3PageKeys, s3Buckets, s3ClockSkew,
            s3LifecycleInterval, s3LifecycleDay, s3Webhooks, s3WebhookSecret, s3WebhookTimeout, s3WebhookPatience,
            s3SignatureV2, mediaBucketVisibility, mediaBucketLimit, mediaBucketWorkers,
            presets, maxPixels, maxVideoDuration, videoProbeBytes, videoReadBytes, videoPackets, videoTracks,
            renderMemory, renderWorkers, codecIsolation, renderTimeout,
            jpegQuality, webpQuality, webpMethod, avif, avifQuality,
            animationFrames, animationPixels, videoPreview, videoPreviewSize, videoPreviewSeconds, videoPreviewRate,
            webVideo, webVideoSize, webVideoQuality, webVideoPreset, webVideoBitRate, webVideoBytes, webVideoThreads, webVideoTimeout,
            webVideoStall,
            hls, hlsSegment, videoWorkers, videoNiceness, videoMemory,
            transformKeys, transformUnsigned, transformPixels, transformBlur, transformDPR, transformWebPMethod,
            transformRenders, transformCacheBytes,
            deliveryCacheBytes, deliveryCacheBody, deliveryCacheFiles, deliveryRecheck, renditionRenders, renditionCacheSize,
            jobAttempts, jobLease, jobBackoff, jobKills, jobKillBackoff,
            sessionLifetime, signedURLLifetime,
            eventRetention, eventRetentionBytes,
            webhookAllow, webhookEndpoints, webhookTimeout, webhookRetries, webhookConnections, webhookPending, webhookRetention,
            webhookSecretOverlap,
            mediaURL, idempotencyLifetime,
            profileGallery, profileBioLength, reviewLength,
            addLifetime, addsPerSeller, currency, savedSearches, paymentProvider, paymentPage, paymentSecret, paymentTimeout,
            server, token,
        ] + accounts
}

extension PipelineSettings {
    init(_ settings: Settings) {
        self.init()
        presets = settings[SettingsCatalogue.presets]
        avif = settings[SettingsCatalogue.avif]
        jpegQuality = settings[SettingsCatalogue.jpegQuality]
        webpQuality = settings[SettingsCatalogue.webpQuality]
        webpMethod = settings[SettingsCatalogue.webpMethod]
        transformWebPMethod = settings[SettingsCatalogue.transformWebPMethod]
        avifQuality = settings[SettingsCatalogue.avifQuality]
        maxPixels = settings[SettingsCatalogue.maxPixels]
        maxVideoDuration = settings[SettingsCatalogue.maxVideoDuration]
        animationFrames = settings[SettingsCatalogue.animationFrames]
        animationPixels = settings[SettingsCatalogue.animationPixels]
        if settings[SettingsCatalogue.videoPreview] {
            videoPreview = VideoPreview(
                side: settings[SettingsCatalogue.videoPreviewSize], seconds: settings[SettingsCatalogue.videoPreviewSeconds],
                framesPerSecond: settings[SettingsCatalogue.videoPreviewRate])
        }
        videoLimits.probeBytes = settings[SettingsCatalogue.videoProbeBytes]
        videoLimits.readBytes = settings[SettingsCatalogue.videoReadBytes]
        videoLimits.packets = settings[SettingsCatalogue.videoPackets]
        videoLimits.tracks = settings[SettingsCatalogue.videoTracks]
        // Decoding holds several frames at once, so one of a video that fits its budget has far less.
        videoLimits.allocationBytes = max(
            64 << 20, settings[SettingsCatalogue.renderMemory] / 4, settings[SettingsCatalogue.videoMemory] / 8)
        memoryBudget = settings[SettingsCatalogue.renderMemory]
        workers = settings[SettingsCatalogue.renderWorkers]
        webVideo = settings[SettingsCatalogue.webVideo] ? WebVideoSettings(settings) : nil
        webVideoTimeout = settings[SettingsCatalogue.webVideoTimeout]
        webVideoStall = settings[SettingsCatalogue.webVideoStall]
        videoWorkers = settings[SettingsCatalogue.videoWorkers]
        videoMemoryBudget = settings[SettingsCatalogue.videoMemory]
    }
}

extension WebVideoSettings {
    init(_ settings: Settings) {
        self.init()
        shortSide = settings[SettingsCatalogue.webVideoSize]
        longSide = shortSide * 16 / 9
        quality = settings[SettingsCatalogue.webVideoQuality]
        preset = settings[SettingsCatalogue.webVideoPreset]
        videoBitRate = settings[SettingsCatalogue.webVideoBitRate]
        outputBytes = settings[SettingsCatalogue.webVideoBytes]
        threads = settings[SettingsCatalogue.webVideoThreads]
        segmentDuration = settings[SettingsCatalogue.hls] ? Int(settings[SettingsCatalogue.hlsSegment] / .milliseconds(1)) : nil
    }
}

extension MediaPipeline {
    /// The pipeline that the settings describe, with this program as its codec worker.
    convenience init(_ settings: Settings, presets: [Preset]? = nil) {
        var pipelineSettings = PipelineSettings(settings)
        if let presets { pipelineSettings.presets = presets }
        self.init(settings: pipelineSettings, isolation: CodecIsolation(settings))
    }
}

extension CodecIsolation {
    /// The first argument of a process that is to be a codec worker; the second is its address space in bytes.
    package static let command = "codec-worker"

    /// Room for what is no picture: the program itself, libraries, the stacks of a codec's threads.
    private static let addressSpaceBesideRenders = 2 * 1024 * 1024 * 1024

    /// Nil where the setting is off.
    init?(_ settings: Settings) {
        guard settings[SettingsCatalogue.codecIsolation] else { return nil }
        #if os(Linux)
            // Also the right program when its file has been replaced by a newer one.
            let executable = "/proc/self/exe"
        #else
            let executable = Bundle.main.executablePath ?? CommandLine.arguments[0]
        #endif
        // The file of a job and its watermark's are mapped, which takes addresses and no memory.
        let addressSpace =
            max(settings[SettingsCatalogue.renderMemory], settings[SettingsCatalogue.videoMemory])
            + 2
            * max(
                settings[SettingsCatalogue.uploadLimit], settings[SettingsCatalogue.resumableLimit],
                settings[SettingsCatalogue.mediaBucketLimit]) + Self.addressSpaceBesideRenders
        self.init(
            executable: executable,
            arguments: [Self.command, "\(addressSpace)"],
            timeout: settings[SettingsCatalogue.renderTimeout])
        niceness = settings[SettingsCatalogue.videoNiceness]
    }
}
