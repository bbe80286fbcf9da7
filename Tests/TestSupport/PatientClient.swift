import AsyncHTTPClient

extension HTTPClient {
    /// What all tests ask by: as the usual one, which gives an answer up though that does not begin within 90 s.
    static let patient = {
        var configuration = Configuration.singletonConfiguration
        configuration.timeout.read = .seconds(300)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()
}
