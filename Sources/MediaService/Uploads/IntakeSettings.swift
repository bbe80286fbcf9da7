/// What bounds the ways in beside the form (docs/UPLOADS.md).
public struct IntakeSettings: Sendable {
    public var resumable: ResumableSettings

    public init(resumable: ResumableSettings) {
        self.resumable = resumable
    }
}
