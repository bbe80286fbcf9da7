import Events
import Foundation
import MediaService
import WebAPI
import Testing

@Suite struct WebhookScheduleTests {
    private let schedule = WebhookSchedule(waits: [.seconds(5), .seconds(300)])

    @Test func anythingBut2xxIsTriedAgainAsTheScheduleSays() {
        for attempt in [
            WebhookAttempt.answered(status: 500, retryAfter: nil), .answered(status: 302, retryAfter: nil),
            .answered(status: 404, retryAfter: nil),
            .failed("timeout"),
        ] {
            #expect(schedule.decide(attempt, number: 1, random: 0) == .retry(after: .seconds(5)))
            #expect(schedule.decide(attempt, number: 2, random: 0) == .retry(after: .seconds(300)))
            #expect(schedule.decide(attempt, number: 3, random: 0) == .giveUp)
        }
        for status in [200, 202, 204, 299] {
            #expect(schedule.decide(.answered(status: status, retryAfter: .seconds(9)), number: 3, random: 1) == .delivered)
        }
        #expect(schedule.decide(.answered(status: 410, retryAfter: nil), number: 1, random: 0) == .disable)
        #expect(schedule.decide(.cancelled, number: 3, random: 0) == .putBack)
    }

    @Test func aWaitIsLengthenedByChanceAndNeverShortened() {
        let attempt = WebhookAttempt.failed("timeout")
        guard case .retry(let wait) = schedule.decide(attempt, number: 2, random: 1) else {
            Issue.record("no retry")
            return
        }
        #expect(wait > .seconds(359) && wait < .seconds(361))
    }

    @Test func retryAfterIsTheLeastWaitUpToADay() {
        #expect(schedule.decide(.answered(status: 503, retryAfter: .seconds(60)), number: 1, random: 1) == .retry(after: .seconds(60)))
        #expect(schedule.decide(.answered(status: 503, retryAfter: .seconds(1)), number: 1, random: 0) == .retry(after: .seconds(5)))
        #expect(
            schedule.decide(.answered(status: 503, retryAfter: .seconds(999_999)), number: 1, random: 0) == .retry(after: .seconds(86_400)))
    }

    @Test func retryAfterIsSecondsOrADate() {
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(WebhookSchedule.retryAfter("120", now: now) == .seconds(120))
        #expect(WebhookSchedule.retryAfter("99999999999999999999", now: now) == .seconds(86_400))
        #expect(WebhookSchedule.retryAfter("Sun, 06 Nov 1994 08:50:37 GMT", now: now) == .seconds(60))
        #expect(WebhookSchedule.retryAfter("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == .seconds(0))
        for text in [nil, "", "-1", "soon", "1.5"] { #expect(WebhookSchedule.retryAfter(text, now: now) == nil) }
    }

    @Test func theDefaultSpansThreeDays() {
        let total = WebhookSettings().waits.reduce(Duration.zero, +)
        #expect(total == .seconds(75 * 3600 + 35 * 60 + 5))
    }
}

@Suite struct WebhookSecretTests {
    @Test func aSecretIsPrintedOnlyOnPurpose() throws {
        let secret = WebhookSecret()
        #expect(WebhookSecret(secret.text) == secret)
        #expect("\(secret)" == "whsec_…")
        #expect(secret != WebhookSecret())
    }

    @Test(arguments: ["", "whsec_", "whsec_c2hvcnQ=", "whsec_###", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    func whatIsNoSecretIsNone(_ text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func aSealedSecretOpensWithItsKeyForItsEndpointOnly() throws {
        let (secret, vault) = (WebhookSecret(), WebhookVault(secret: "one"))
        let sealed = try vault.seal(secret, of: "a")
        #expect(vault.open(sealed, of: "a") == secret)
        #expect(vault.open(sealed, of: "b") == nil)
        #expect(WebhookVault(secret: "two").open(sealed, of: "a") == nil)
        #expect(vault.open("nonsense", of: "a") == nil)
        #expect(try vault.seal(secret, of: "a") != sealed)
    }
}

@Suite struct WebhookPayloadTests {
    private func event(_ type: String, _ data: String) -> CloudEvent {
        CloudEvent(id: "1", source: "/agrovet/media", type: type, subject: "m", time: Date(timeIntervalSince1970: 1.5), data: data)
    }

    @Test func onlyAddressesBecomeWhole() throws {
        let data = #"{"title":"\"url\":\"/x","alt":"/media/1","url":"/media/1/original","renditions":[{"url":"/media/1/a.webp"}]}"#
        let body = WebhookPayload(publicURL: "https://m.example").body(of: event("media.ready", data))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        let sent = try #require(json["data"] as? [String: Any])
        #expect(sent["title"] as? String == "\"url\":\"/x")
        #expect(sent["alt"] as? String == "/media/1")
        #expect(sent["url"] as? String == "https://m.example/media/1/original")
        #expect((sent["renditions"] as? [[String: Any]])?.first?["url"] as? String == "https://m.example/media/1/a.webp")
        #expect(json["timestamp"] as? String == "1970-01-01T00:00:01.500Z")
        #expect(json["time"] as? String == "1970-01-01T00:00:01.500Z")
    }

    @Test func theAddressesOfAVideoBecomeWholeToo() throws {
        let data =
            #"{"title":"\"hls\":\"/x","hls":"","playback":{"url":"/media/1/web.mp4","hls":"/media/1/hls.m3u8"},"other":{"hls":null}}"#
        let body = WebhookPayload(publicURL: "https://m.example").body(of: event("media.updated", data))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        let sent = try #require(json["data"] as? [String: Any])
        #expect(sent["title"] as? String == "\"hls\":\"/x")
        let playback = try #require(sent["playback"] as? [String: Any])
        #expect(playback["url"] as? String == "https://m.example/media/1/web.mp4")
        #expect(playback["hls"] as? String == "https://m.example/media/1/hls.m3u8")
    }

    @Test func progressAndPurgesAreForThoseWhoNameThem() throws {
        #expect(Set(WebhookEvents.all).subtracting(WebhookEvents.usual) == [WebhookEvents.progress, WebhookEvents.purge])
        #expect(try WebhookFields(["events": ["media.progress"]]).events == [WebhookEvents.progress])
    }

    @Test func theBodyIsStillACloudEvent() throws {
        let original = event("media.deleted", #"{"id":"m","url":"/media/m/original"}"#)
        let body = WebhookPayload(publicURL: "").body(of: original)
        let read = try CloudEvent(json: body)
        #expect(read.extensions.keys.sorted() == ["timestamp"])
        #expect(
            [read.id, read.source, read.type, read.subject, read.data] == [
                original.id, original.source, original.type, original.subject, original.data,
            ])
        #expect(read.time == original.time)
    }
}

@Suite struct ClamdAddressTests {
    @Test func anAddressIsASocketOrAHostAndPort() {
        #expect(ClamdAddress("unix:/run/clamav/clamd.ctl") == .unix(path: "/run/clamav/clamd.ctl"))
        #expect(ClamdAddress("tcp:scanner.internal:3310") == .tcp(host: "scanner.internal", port: 3310))
        #expect(ClamdAddress("tcp:[::1]:3310") == .tcp(host: "::1", port: 3310))
        #expect(ClamdAddress("tcp:[::1]:3310")?.description == "tcp:[::1]:3310")
    }

    @Test(arguments: ["", "unix:", "unix:relative", "tcp:", "tcp:host", "tcp::3310", "tcp:host:0", "tcp:host:99999", "http://x"])
    func whatIsNeitherIsNone(_ text: String) {
        #expect(ClamdAddress(text) == nil)
    }
}
