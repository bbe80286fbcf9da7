import Logging
import ObjectStorage
import ServiceLifecycle

extension Server {
    /// What keeps the storage in order in the background.
    func storageUpkeep(_ objects: LocalObjectStore, logger: Logger) -> [any Service] {
        var services: [any Service] = []
        let interval = settings[SettingsCatalogue.storageCollectInterval]
        if interval > .zero {
            services.append(
                StorageCollector(
                    store: objects.versions, interval: interval,
                    deadShare: Double(settings[SettingsCatalogue.storageDeadShare]) / 100, logger: logger))
        }
        let rate = settings[SettingsCatalogue.storageScrubRate]
        if rate > 0 {
            services.append(
                StorageScrub(
                    store: objects.versions, bytesPerSecond: rate, pause: settings[SettingsCatalogue.storageScrubPause], logger: logger))
        }
        return services
    }
}

extension LocalBlobStore.Configuration {
    init(_ settings: Settings) {
        self.init()
        packLimit = settings[SettingsCatalogue.storagePackLimit]
        packSize = settings[SettingsCatalogue.storagePackSize]
        stagingMemory = settings[SettingsCatalogue.storageStagingMemory]
        openPacks = settings[SettingsCatalogue.storageOpenPacks]
    }
}

extension VersionedObjectStore.Configuration {
    init(_ settings: Settings) {
        self.init()
        cachedObjects = settings[SettingsCatalogue.storageCachedObjects]
        cachedListBytes = settings[SettingsCatalogue.storageCachedLists]
        maximumBatch = settings[SettingsCatalogue.storageBatch]
    }
}
