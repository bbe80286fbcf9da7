import Foundation
import HTTPTypes
import Logging
import NIOCore
import ObjectStorage
import Persistence
import S3Wire
import ServiceLifecycle
import WebAPI

/// The S3 wire protocol over a versioned object store.
public struct S3Service: Sendable {
    let core: S3Core
    /// Answers requests.
    public let responder: S3Responder

    /// Of the database that keeps users and access keys.
    public static let migrations = AccessKeyStore.migrations

    /// - Parameters:
    ///   - keySecret: of the installation; seals what encrypted objects are encrypted with.
    public init(
        store: VersionedObjectStore, keys: AccessKeyStore, keySecret: String, settings: S3Settings, metrics: MetricsRegistry,
        logger: Logger
    ) {
        let authentication = S3Authentication(keys: keys, settings: settings)
        let rules = BucketRules(keys: keys, store: store)
        core = S3Core(
            store: store, authentication: authentication, encryptionKeys: EncryptionKeys(secret: keySecret), rules: rules,
            configuration: ConfigurationRoutes(store: store, rules: rules, webhooks: settings.webhooks), settings: settings, logger: logger)
        responder = S3Responder(core: core, authentication: authentication, ledger: RequestLedger(metrics: metrics))
    }

    /// Answers what needs no waiting, on the connection's own thread.
    public var readyAnswers: any ReadyAnswers { S3ReadyAnswers(core: core, authentication: core.authentication) }

    /// The work that goes on beside requests.
    public var services: [any Service] {
        [
            LifecycleRunner(
                store: core.store, documents: core.rules.documents, clock: LifecycleClock(day: core.settings.lifecycleDay),
                interval: core.settings.lifecycleInterval, logger: core.logger)
        ]
    }

    /// How requests that are no HTTP are answered.
    public static let refusal: ParserRefusal = { failure in
        let error: S3Error =
            switch failure {
            case .headersTooLarge: .requestHeaderSectionTooLarge
            case .malformed: .badRequest
            }
        return (
            HTTPResponse(status: error.status, headerFields: [.contentType: "application/xml"]), error.body(requestID: "-", resource: nil)
        )
    }
}
