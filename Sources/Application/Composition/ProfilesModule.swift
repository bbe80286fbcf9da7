import Events
import Persistence
import ProfilesService
import WebAPI

extension Server {
    func profilesModule(_ deployment: Deployment) async throws -> ServiceModule {
        let database = try openDatabase("profiles", deployment.folder, schema: "profiles")
        try await Migrator.migrate(database, service: "profiles", ProfilesService.migrations)
        let relay = OutboxRelay(database: database, log: deployment.log, logger: deployment.logger)
        let profiles = ProfilesService(
            database: database, log: deployment.log, settings: ProfilesSettings(settings), logger: deployment.logger,
            wakeRelay: { relay.wake() })
        // Its topic is that of accounts, which is not for clients to follow.
        return ServiceModule(
            routes: profiles.routes, services: [relay] + profiles.services, healthChecks: profiles.healthChecks,
            outboxes: [("profiles", database)], inboxes: [database], tags: ProfilesService.tags, close: { await database.close() })
    }
}

extension ProfilesSettings {
    init(_ settings: Settings) {
        self.init()
        gallery = settings[SettingsCatalogue.profileGallery]
        bioLength = settings[SettingsCatalogue.profileBioLength]
        reviewLength = settings[SettingsCatalogue.reviewLength]
        mediaURL = settings[SettingsCatalogue.mediaURL]
        publicURL = settings[SettingsCatalogue.publicURL]
    }
}
