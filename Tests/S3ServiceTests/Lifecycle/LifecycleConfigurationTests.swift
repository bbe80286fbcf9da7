import ObjectStorage
import S3Service
import S3Wire
import Testing

@Suite struct LifecycleConfigurationTests {
    private func rule(_ inside: String) -> String { "<Rule><Status>Enabled</Status>\(inside)</Rule>" }

    private func code(_ rules: String) throws -> String? {
        let xml = try Sample.xml("<LifecycleConfiguration>\(rules)</LifecycleConfiguration>")
        do {
            _ = try LifecycleConfiguration(xml: xml)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func whatIsNoLifecycleIsRefused() throws {
        let days = "<Expiration><Days>1</Days></Expiration>"
        let cases: [(String, String?)] = [
            (rule("<Prefix>a</Prefix>\(days)"), nil),
            (rule("<Filter/>\(days)"), nil),
            ("", "MalformedXML"),
            (rule(days), "MalformedXML"),
            (rule("<Prefix/><Filter/>\(days)"), "MalformedXML"),
            (rule("<Filter/>"), "InvalidRequest"),
            ("<Rule><Status>enabled</Status><Prefix/>\(days)</Rule>", "MalformedXML"),
            ("<Rule><Prefix/>\(days)</Rule>", "MalformedXML"),
            (rule("<Filter/><Expiration><Days>0</Days></Expiration>"), "InvalidArgument"),
            (rule("<Filter/><Expiration><Days>9223372036854775807</Days></Expiration>"), "InvalidArgument"),
            (rule("<Filter/><Expiration><Days>1.5</Days></Expiration>"), "MalformedXML"),
            (rule("<Filter/><Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>"), "MalformedXML"),
            (rule("<Filter/><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>"), nil),
            (rule("<Filter/><Expiration><Date>2030-01-01T10:00:00Z</Date></Expiration>"), "InvalidArgument"),
            (rule("<Filter/><Expiration><Date>20300101</Date></Expiration>"), "MalformedXML"),
            (
                rule("<Filter/><NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>"),
                "InvalidArgument"
            ),
            (rule("<ID>\(String(repeating: "a", count: 256))</ID><Filter/>\(days)"), "InvalidArgument"),
            (rule("<ID>a</ID><Filter/>\(days)") + rule("<ID>a</ID><Filter/>\(days)"), "InvalidArgument"),
            (
                rule(
                    "<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
                ),
                "InvalidRequest"
            ),
            (
                rule("<Filter><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>\(days)"),
                "InvalidRequest"
            ),
            (rule("<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>"), "NotImplemented"),
            (rule("<Filter/><Transition><Date>20220927</Date><StorageClass>GLACIER</StorageClass></Transition>"), "MalformedXML"),
        ]
        for (rules, expected) in cases { #expect(try code(rules) == expected, "\(rules.prefix(300))") }
    }

    @Test func answersTellWhenAnObjectGoes() throws {
        let xml = try Sample.xml(
            """
            <LifecycleConfiguration>
            <Rule><ID>slow</ID><Status>Enabled</Status><Prefix/><Expiration><Days>30</Days></Expiration></Rule>
            <Rule><ID>fast</ID><Status>Enabled</Status><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Expiration><Days>1</Days></Expiration></Rule>
            <Rule><ID>off</ID><Status>Disabled</Status><Prefix/><Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration></Rule>
            <Rule><ID>parts</ID><Status>Enabled</Status><Filter><Prefix>up/</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>
            </LifecycleConfiguration>
            """)
        let lifecycle = try LifecycleConfiguration(xml: xml)
        // 2027-01-15 08:00:00 UTC; a day later is rounded up to the next midnight.
        let version = Sample.version(tags: [ObjectTag(key: "k", value: "v")], modified: 1_800_000_000_000)
        #expect(lifecycle.expiration(of: version) == "expiry-date=\"Sun, 17 Jan 2027 00:00:00 GMT\", rule-id=\"fast\"")
        #expect(lifecycle.expiration(of: Sample.version(modified: 1_800_000_000_000))?.contains("rule-id=\"slow\"") == true)
        let abortion = lifecycle.abortion(of: ObjectKey("up/a")!, begun: 1_800_000_000_000)
        #expect(abortion?.date == "Mon, 18 Jan 2027 00:00:00 GMT")
        #expect(abortion?.ruleID == "parts")
        #expect(lifecycle.abortion(of: ObjectKey("a")!, begun: 0) == nil)
    }
}
