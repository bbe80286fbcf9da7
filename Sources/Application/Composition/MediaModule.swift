import Events
import MediaPipeline
import MediaService
import ObjectStorage
import Persistence
import S3Service
import ServiceLifecycle
import WebAPI

extension Server {
    /// Media with the storage that it lies in, and the S3 endpoint over that storage.
    func mediaModule(_ deployment: Deployment) async throws -> ServiceModule {
        let (folder, log, metrics, logger) = (deployment.folder, deployment.log, deployment.metrics, deployment.logger)
        let database = try openDatabase("media", folder)
        let index = try openSQLite("objects", folder)
        try await Migrator.migrate(database, service: "media", MediaService.migrations)
        try await Migrator.migrate(index, service: "objects", Self.indexMigrations)
        let relay = OutboxRelay(database: database, log: log, logger: logger)
        let objectRelay = OutboxRelay(database: index, log: log, logger: logger)
        let blobs = try await openBlobs(folder, logger)
        let objects = LocalObjectStore(
            versions: VersionedObjectStore(
                database: index, blobs: blobs.store, configuration: .init(settings),
                journal: ObjectEvents.journal { objectRelay.wake() }, logger: logger),
            blobs: blobs.store, temporaryFolder: folder.temporary, owner: RootKeyFile.user)
        try await objects.recover()

        let pipeline = MediaPipeline(settings)
        let clamd = Clamd(settings)
        let scanner = clamd.map {
            UploadScanner(clamd: $0, isRequired: settings[SettingsCatalogue.scanRequired], metrics: metrics, logger: logger)
        }
        let media = MediaService(
            database: database, objects: objects, pipeline: pipeline, signer: URLSigner(secret: deployment.signingKey.value),
            settings: MediaSettings(settings, folder), transforms: try TransformSettings(settings, folder),
            intake: IntakeSettings(settings, folder, deployment.signingKey), scanner: scanner, metrics: metrics, logger: logger,
            wakeRelay: { relay.wake() })
        try await media.prepare()
        let webhooks = Webhooks(
            database: database, log: log, key: try SecretFile(path: folder.webhookKey).value, settings: WebhookSettings(settings),
            metrics: metrics, logger: logger)
        try await webhooks.prepare()
        let owners = MediaOwners(media: media, log: log, administrator: Self.owner)
        let s3 = try await s3Endpoint(objects, media, log, folder, metrics, logger)
        let info = InfoRoute(
            pipeline: pipeline.settings, uploadBytes: settings[SettingsCatalogue.uploadLimit],
            resumableBytes: settings[SettingsCatalogue.resumableLimit], hasStorage: s3 != nil)

        return ServiceModule(
            routes: media.routes + webhooks.routes + info.routes + (s3?.consoleRoutes ?? []),
            services: [relay, objectRelay] + media.services + webhooks.services + owners.services + (s3?.services ?? [])
                + storageUpkeep(objects, logger: logger),
            healthChecks: media.healthChecks + blobs.healthChecks,
            topics: [EventStream.Topic(name: MediaService.topic, mayRead: media.mayRead)],
            outboxes: [("media", database), ("objects", index)], inboxes: [database],
            tags: [
                ("media", "Photos and videos: uploads and records"), ("uploads", "Resumable uploads, by tus 1.0"),
                ("delivery", "The bytes, as caches want them"),
                ("webhooks", "Who is told of media events"),
            ] + StorageConsole.tags,
            readyAnswers: media.readyAnswers,
            close: {
                pipeline.close()
                clamd?.close()
                await s3?.close()
                try await objects.close()
                await blobs.close()
                await database.close()
                await index.close()
            })
    }

    /// What a client sees of the errors of lower floors; nil where it is none of theirs.
    static func apiError(_ error: any Error) -> APIError? { MediaService.apiError(error) }
}
