import ObjectStorage
import S3Service
import S3Wire
import Testing

/// What goes, of versions that are listed. A day is 10 seconds here, and it is the second 1,000.
@Suite struct LifecyclePlanTests {
    private func plan(_ rules: String..., now: Int64 = 1_000_000) throws -> LifecyclePlan {
        let text = rules.map { "<Rule><Status>Enabled</Status>\($0)</Rule>" }.joined()
        return LifecyclePlan(
            try LifecycleConfiguration(xml: try Sample.xml("<LifecycleConfiguration>\(text)</LifecycleConfiguration>")),
            clock: LifecycleClock(day: .seconds(10)), now: now)
    }

    private func steps(_ plan: LifecyclePlan, _ versions: [ObjectVersion]) -> [String] {
        var plan = plan
        var steps: [LifecyclePlan.Step] = []
        for version in versions { steps += plan.take(version) }
        steps += plan.finish()
        return steps.map { step in
            switch step {
            case .expire(let version): "expire \(version.key) \(version.versionID)"
            case .remove(let version): "remove \(version.key) \(version.versionID)"
            }
        }
    }

    private func version(
        _ key: String, _ id: String, at second: Int64, latest: Bool = true, marker: Bool = false, size: Int = 10, tags: [ObjectTag] = []
    ) -> ObjectVersion {
        Sample.version(key, id: id, tags: tags, isLatest: latest, isMarker: marker, size: size, modified: second * 1000)
    }

    private let day = "<Expiration><Days>1</Days></Expiration>"

    @Test func aCurrentVersionGoesWhenItIsOldEnough() throws {
        let plan = try plan("<Prefix>old/</Prefix>\(day)")
        let versions = [version("new/a", "1", at: 0), version("old/a", "1", at: 990), version("old/b", "1", at: 991)]
        #expect(steps(plan, versions) == ["expire old/a 1"])
        let dated = try self.plan("<Prefix/><Expiration><Date>1970-01-01T00:00:00Z</Date></Expiration>")
        #expect(steps(dated, [version("a", "1", at: 999)]) == ["expire a 1"])
        let future = try self.plan("<Prefix/><Expiration><Date>2100-01-01T00:00:00Z</Date></Expiration>")
        #expect(steps(future, [version("a", "1", at: 0)]).isEmpty)
        let off = LifecyclePlan(
            try LifecycleConfiguration(
                xml: try Sample.xml(
                    "<LifecycleConfiguration><Rule><Status>Disabled</Status><Prefix/>\(day)</Rule></LifecycleConfiguration>")),
            clock: LifecycleClock(day: .seconds(10)), now: 1_000_000)
        #expect(steps(off, [version("a", "1", at: 0)]).isEmpty)
    }

    @Test func aNoncurrentVersionGoesByTheTimeOfItsSuccessor() throws {
        let plan = try plan("<Prefix/><NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>")
        let versions = [
            version("a", "3", at: 985), version("a", "2", at: 980, latest: false), version("a", "1", at: 0, latest: false),
            version("b", "1", at: 0),
        ]
        #expect(steps(plan, versions) == ["remove a 1"], "2 was replaced 15 seconds ago, 1 20 seconds ago")
    }

    @Test func theNewestNoncurrentVersionsCanStay() throws {
        let plan = try plan(
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>"
        )
        let versions = (1...5).reversed().map { version("a", "\($0)", at: Int64($0), latest: $0 == 5) }
        #expect(steps(plan, versions) == ["remove a 2", "remove a 1"])
    }

    @Test func aDeleteMarkerGoesWhenItIsAlone() throws {
        let marker = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
        let versions = [
            version("a", "2", at: 999, marker: true), version("a", "1", at: 0, latest: false), version("b", "1", at: 999, marker: true),
            version("c", "1", at: 0, marker: true),
        ]
        #expect(steps(try plan("<Prefix/>\(marker)"), versions) == ["remove b 1", "remove c 1"])
        #expect(steps(try plan("<Prefix/>\(day)"), versions) == ["remove c 1"], "days count for markers as well")
        let off = "<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>"
        #expect(steps(try plan("<Prefix/>\(off)"), versions).isEmpty)
    }

    @Test func aFilterHoldsWithAllItSays() throws {
        let crop = ObjectTag(key: "crop", value: "maize")
        let year = ObjectTag(key: "year", value: "2026")
        let filter = """
            <Filter><Prefix>d/</Prefix><Tag><Key>crop</Key><Value>maize</Value></Tag>\
            <And><Prefix>d</Prefix><Tag><Key>year</Key><Value>2026</Value></Tag></And></Filter>
            """
        let versions = [
            version("d/1", "1", at: 0, tags: [crop]), version("d/2", "1", at: 0, tags: [year, crop]),
            version("dd", "1", at: 0, tags: [crop, year]),
        ]
        #expect(steps(try plan(filter + day), versions) == ["expire d/2 1"])
        let sizes =
            "<Filter><And><ObjectSizeGreaterThan>10</ObjectSizeGreaterThan><ObjectSizeLessThan>20</ObjectSizeLessThan></And></Filter>"
        let sized = [10, 11, 19, 20].map { version("\($0)", "1", at: 0, size: $0) }
        #expect(steps(try plan(sizes + day), sized) == ["expire 11 1", "expire 19 1"])
    }

    @Test func aRealDayEndsAtMidnight() throws {
        let text = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Prefix/>\(day)</Rule></LifecycleConfiguration>"
        let lifecycle = try LifecycleConfiguration(xml: try Sample.xml(text))
        func goes(now: Int64) -> Bool {
            let plan = LifecyclePlan(lifecycle, clock: LifecycleClock(day: .seconds(86_400)), now: now)
            return !steps(plan, [version("a", "1", at: 3600)]).isEmpty
        }
        #expect(!goes(now: (86_400 + 3600) * 1000), "a day later")
        #expect(!goes(now: 2 * 86_400_000 - 1))
        #expect(goes(now: 2 * 86_400_000), "at the midnight behind it")
    }

    @Test func uploadsAreAbortedAndListsAreNarrow() throws {
        let abort = "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        let plan = try plan(
            "<Prefix>up/</Prefix>\(abort)", "<Prefix>a/</Prefix>\(day)", "<Prefix>a/b/</Prefix>\(day)", "<Prefix>c</Prefix>\(day)")
        #expect(plan.aborts(key: ObjectKey("up/a")!, created: 980_000))
        #expect(!plan.aborts(key: ObjectKey("up/a")!, created: 980_001))
        #expect(!plan.aborts(key: ObjectKey("a/a")!, created: 0))
        #expect(plan.prefixes == ["a/", "c"])
        #expect(plan.abortsUploads)
    }
}
