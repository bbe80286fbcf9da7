/// What bounds the ways in beside the form (docs/UPLOADS.md).
public struct IntakeSettings: Sendable {
    public var resumable: ResumableSettings
    public var presign: PresignSettings
    public var imports = ImportSettings()

    public init(resumable: ResumableSettings, presign: PresignSettings) {
        self.resumable = resumable
        self.presign = presign
    }
}
