import Testing
import WebAPI

@Suite struct ThrottleTests {
    @Test func aBurstOfTheWholeRateThenEvenly() throws {
        let throttle = Throttle(settings: .init())
        let rate = try #require(Rate("6/min"))
        for _ in 1...6 { #expect(throttle.wait("ana", rate, now: 100) == nil) }
        let wait = try #require(throttle.wait("ana", rate, now: 100))
        #expect(abs(wait - 10) < 1e-6)
        #expect(throttle.wait("eva", rate, now: 100) == nil)
        #expect(throttle.wait("ana", rate, now: 109.9) != nil)
        #expect(throttle.wait("ana", rate, now: 110) == nil)
        #expect(throttle.wait("ana", rate, now: 110) != nil)
        // A minute later it is as it was.
        for _ in 1...6 { #expect(throttle.wait("ana", rate, now: 200) == nil) }
        #expect(throttle.wait("ana", rate, now: 200) != nil)
    }

    @Test func remembersABoundedNumberAndForgetsTheEmptiestFirst() throws {
        var settings = Throttle.Settings()
        settings.remembered = 100
        let throttle = Throttle(settings: settings)
        let rate = try #require(Rate("2/min"))
        for _ in 1...2 { #expect(throttle.wait("busy", rate, now: 0) == nil) }
        for number in 1...1000 { #expect(throttle.wait("\(number)", rate, now: 1) == nil) }
        #expect(throttle.wait("busy", rate, now: 1) != nil)
    }

    @Test(arguments: [("5/s", 5, 1.0), ("600/min", 600, 60), ("10/hour", 10, 3600), ("7/day", 7, 86_400)])
    func ratesReadAsDRFWritesThem(_ text: String, _ requests: Int, _ seconds: Double) {
        #expect(Rate(text)?.requests == requests)
        #expect(Rate(text)?.seconds == seconds)
        #expect(Rate(text)?.description == text)
    }

    @Test(arguments: ["", "5", "/s", "0/s", "-1/s", "5/fortnight", "5/s/s", "x/s"])
    func refusesWhatIsNoRate(_ text: String) { #expect(Rate(text) == nil) }

    @Test func theClientIsTheLastAddressThatNoTrustedProxyAdded() {
        let proxies = [IPNetwork("10.0.0.0/8")!, IPNetwork("fd00::/8")!]
        func client(_ peer: String?, _ forwarded: String...) -> String {
            APIRequestContext.clientAddress(peer: peer, forwarded: forwarded, trusting: proxies)
        }
        #expect(client("203.0.113.9") == "203.0.113.9")
        // A client that is no proxy may write what it likes.
        #expect(client("203.0.113.9", "1.2.3.4") == "203.0.113.9")
        #expect(client("10.0.0.1", "1.2.3.4, 203.0.113.9") == "203.0.113.9")
        #expect(client("10.0.0.1", "1.2.3.4, 203.0.113.9, 10.0.0.2") == "203.0.113.9")
        #expect(client("10.0.0.1", "1.2.3.4", "203.0.113.9", "10.0.0.2") == "203.0.113.9")
        #expect(client("10.0.0.1") == "10.0.0.1")
        #expect(client("10.0.0.1", "nonsense") == "10.0.0.1")
        #expect(client("::ffff:10.0.0.1", "203.0.113.9") == "203.0.113.9")
        // One subscriber has a whole /64.
        #expect(client("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::")
        #expect(client("fd00::1", "2001:db8:1:2:ffff::1") == "2001:db8:1:2::")
        #expect(client(nil) == "")
    }
}
