import AuthService
import Events
import MarketplaceService
import MediaService
import S3Service

extension Server {
    /// What the services of this program publish, in whichever process they run.
    package static let eventCatalogue = EventCatalogue(
        UserEventTypes.all + MediaEvents.types + ObjectEvents.types + MarketplaceEvents.types)
}

extension FileEventLog.Configuration {
    init(_ settings: Settings) {
        self.init()
        retentionBytes = settings[SettingsCatalogue.eventRetentionBytes]
        retentionAge = settings[SettingsCatalogue.eventRetention]
    }
}
