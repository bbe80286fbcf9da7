import AuthService
import Events
import Foundation
import MarketplaceService
import MediaService
import ProfilesService
import S3Service

extension Server {
    /// What the services of this binary publish.
    package static let eventCatalogue = EventCatalogue(
        AuthEvents.types + MediaEvents.types + ObjectEvents.types + MarketplaceEvents.types + ProfilesEvents.types)
}

extension FileEventLog.Configuration {
    init(_ settings: Settings) {
        self.init()
        retentionBytes = settings[SettingsCatalogue.eventRetentionBytes]
        retentionAge = settings[SettingsCatalogue.eventRetention]
    }
}
