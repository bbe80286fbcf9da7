import Events
import Foundation
import MediaService
import S3Service

extension Server {
    /// What the services of this binary publish.
    package static let eventCatalogue = EventCatalogue(MediaEvents.types + ObjectEvents.types)

    /// The topics that may be followed over HTTP. Changes of objects are told to webhooks by their buckets' configuration, and not here.
    static let eventTopics = [EventStream.Topic(name: MediaService.topic, mayRead: MediaEvents.mayRead)]
}

extension FileEventLog.Configuration {
    init(_ settings: Settings) {
        self.init()
        retentionBytes = settings[SettingsCatalogue.eventRetentionBytes]
        retentionAge = settings[SettingsCatalogue.eventRetention]
    }
}
