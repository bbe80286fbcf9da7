import Foundation
import MediaPipeline
import MediaService
import WebAPI

extension TransformSigner {
    /// The keys of the setting, or the one in the data folder, which is made where there is none.
    init(_ settings: Settings, _ folder: DataFolder) throws {
        let keys = settings[SettingsCatalogue.transformKeys]
        self.init(keys: keys.isEmpty ? [try SecretFile(path: folder.transformKey).value] : keys)
    }
}

extension TransformLimits {
    init(_ settings: Settings) {
        self.init()
        pixels = settings[SettingsCatalogue.transformPixels]
        blur = settings[SettingsCatalogue.transformBlur]
        pixelRatio = settings[SettingsCatalogue.transformDPR]
    }
}

extension TransformSettings {
    init(_ settings: Settings, _ folder: DataFolder) throws {
        self.init(signer: try TransformSigner(settings, folder), cacheFolder: folder.cache)
        allowsUnsigned = settings[SettingsCatalogue.transformUnsigned]
        limits = TransformLimits(settings)
        cacheBytes = settings[SettingsCatalogue.transformCacheBytes]
        inFlight = settings[SettingsCatalogue.transformRenders]
    }
}

extension IntakeSettings {
    init(_ settings: Settings, _ folder: DataFolder, _ signingKey: SecretFile) {
        var resumable = ResumableSettings(folder: folder.uploads)
        resumable.uploadBytes = settings[SettingsCatalogue.resumableLimit]
        resumable.lifetime = settings[SettingsCatalogue.resumableLifetime]
        resumable.uploadsPerOwner = settings[SettingsCatalogue.resumableUploads]
        resumable.stall = settings[SettingsCatalogue.resumableStall]
        let keys = settings[SettingsCatalogue.presignKeys]
        var presign = PresignSettings(signer: URLSigner(secrets: keys.isEmpty ? [signingKey.value] : keys, purpose: .uploading))
        presign.lifetime = settings[SettingsCatalogue.presignLifetime]
        self.init(resumable: resumable, presign: presign)
        imports.isOn = settings[SettingsCatalogue.importOn]
        imports.policy = AddressPolicy(allowing: settings[SettingsCatalogue.importAllow])
        imports.ports = settings[SettingsCatalogue.importPorts]
        imports.redirects = settings[SettingsCatalogue.importRedirects]
        imports.connectTimeout = settings[SettingsCatalogue.importConnectTimeout]
        imports.timeout = settings[SettingsCatalogue.importTimeout]
        imports.atOnce = settings[SettingsCatalogue.imports]
        imports.atOncePerUser = settings[SettingsCatalogue.importsPerUser]
    }
}

extension MediaSettings {
    init(_ settings: Settings, _ folder: DataFolder) {
        self.init()
        temporaryFolder = folder.temporary
        uploadBytes = settings[SettingsCatalogue.uploadLimit]
        uploadFiles = settings[SettingsCatalogue.uploadFiles]
        waitLimit = settings[SettingsCatalogue.waitLimit]
        signedURLLifetime = settings[SettingsCatalogue.signedURLLifetime]
        lease = settings[SettingsCatalogue.jobLease]
        jobAttempts = settings[SettingsCatalogue.jobAttempts]
        jobBackoff = settings[SettingsCatalogue.jobBackoff]
        jobKills = settings[SettingsCatalogue.jobKills]
        jobKillBackoff = settings[SettingsCatalogue.jobKillBackoff]
        publicURL = settings[SettingsCatalogue.publicURL]
        rendersOnRequest = settings[SettingsCatalogue.renditionRenders]
        renditionBytes = settings[SettingsCatalogue.renditionCacheSize]
        delivery.bytes = settings[SettingsCatalogue.deliveryCacheBytes]
        delivery.bodyBytes = settings[SettingsCatalogue.deliveryCacheBody]
        delivery.files = settings[SettingsCatalogue.deliveryCacheFiles]
        delivery.recheck = settings[SettingsCatalogue.deliveryRecheck]
    }
}

extension Clamd {
    /// Nil where the setting names none.
    convenience init?(_ settings: Settings) {
        guard let address = settings[SettingsCatalogue.clamd] else { return nil }
        self.init(
            address, timeout: settings[SettingsCatalogue.scanTimeout], connections: settings[SettingsCatalogue.scanConnections])
    }
}

extension WebhookSettings {
    init(_ settings: Settings) {
        self.init()
        allowed = settings[SettingsCatalogue.webhookAllow]
        endpoints = settings[SettingsCatalogue.webhookEndpoints]
        timeout = settings[SettingsCatalogue.webhookTimeout]
        waits = settings[SettingsCatalogue.webhookRetries]
        connections = settings[SettingsCatalogue.webhookConnections]
        pending = settings[SettingsCatalogue.webhookPending]
        retention = settings[SettingsCatalogue.webhookRetention]
        secretOverlap = settings[SettingsCatalogue.webhookSecretOverlap]
        publicURL = settings[SettingsCatalogue.publicURL]
    }
}
