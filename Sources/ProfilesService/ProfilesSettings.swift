/// Settings of the profiles; each is one of the program's.
public struct ProfilesSettings: Sendable {
    /// Photos and videos in one gallery.
    public var gallery = 24
    /// Characters of a biography.
    public var bioLength = 5000
    /// Characters of a review.
    public var reviewLength = 2000
    /// Public address of the media service; empty: as the client addressed this server.
    public var mediaURL = ""
    public var publicURL = ""
    /// Between two looks for what is to be indexed anew.
    public var interval = Duration.seconds(60)

    public init() {}
}
