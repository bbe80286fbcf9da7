import Events
import Foundation
import ObjectStorage
import S3Service
import Testing

@Suite struct ObjectEventTests {
    private func version(_ key: String, isMarker: Bool = false) -> ObjectVersion {
        var attributes = ObjectAttributes(owner: "eva")
        attributes.clientSize = 40
        return ObjectVersion(
            key: ObjectKey(key)!, versionID: "null", isLatest: true, isDeleteMarker: isMarker, size: 88, etag: "abc", modified: 1,
            contentType: "image/jpeg", segments: [], attributes: attributes)
    }

    private func event(
        _ kind: ObjectChange.Kind, _ key: String, cause: ObjectChange.Cause = .put, sequence: Int = 255, documents: [String: String] = [:]
    ) -> CloudEvent {
        let bucket = Bucket(name: BucketName("herd")!, owner: "root", created: 0, documents: documents)
        return ObjectEvents.event(
            ObjectChange(
                kind: kind, origin: .init(cause, by: .init(user: "luz", requestID: "R1", address: "192.0.2.7")),
                version: version(key, isMarker: kind == .marked), sequence: sequence),
            bucket)
    }

    @Test func anEventTellsTheObjectAsItsClientKnowsIt() throws {
        let event = event(.created, "2026/la \"yegua\"\u{1}\u{E9}.jpg", documents: ["media": #"{"visibility":"public"}"#])
        #expect(event.type == "s3.object.created")
        #expect(event.source == "/agrovet/s3")
        #expect(event.subject == "herd/2026%2Fla%20%22yegua%22%01%C3%A9.jpg")
        // As it stands in an outbox.
        let data = try #require(
            try JSONSerialization.jsonObject(with: Data(try CloudEvent(json: event.json).data.utf8)) as? [String: Any])
        #expect(data["bucket"] as? String == "herd")
        #expect(data["key"] as? String == "2026/la \"yegua\"\u{1}\u{E9}.jpg")
        #expect(data["size"] as? Int == 40, "not as many as are stored")
        #expect(data["owner"] as? String == "eva")
        #expect(data["requester"] as? String == "luz")
        #expect(data["request_id"] as? String == "R1")
        #expect(data["source_address"] as? String == "192.0.2.7")
        #expect(data["etag"] as? String == "abc")
        #expect(data["content_type"] as? String == "image/jpeg")
        #expect(data["version_id"] as? String == "null")
        #expect(data["is_media"] as? Bool == true)
        #expect((data["media"] as? [String: String]) == ["visibility": "public"])
        #expect(data["sequencer"] as? String == "00000000000000FF")
    }

    @Test func aMarkerIsARemovalAndAMarkThatCannotBeReadIsNone() throws {
        for (kind, type) in [(ObjectChange.Kind.marked, "removed"), (.removed, "removed"), (.updated, "updated"), (.created, "created")] {
            let event = event(kind, "a", documents: ["media": "no JSON"])
            #expect(event.type == "s3.object." + type)
            let data = try #require(try JSONSerialization.jsonObject(with: Data(event.data.utf8)) as? [String: Any])
            #expect(data["is_media"] as? Bool == false)
            #expect(data["change"] as? String == "\(kind)")
            #expect(data["delete_marker"] as? Bool == (kind == .marked))
        }
    }

    @Test func anEventTellsWhatWasDoneAndNoNameTwice() throws {
        for cause in [ObjectChange.Cause.put, .post, .copy, .completion, .deletion, .lifecycle, .tagging, .untagging, .acl, .edit] {
            let text = event(.created, "a", cause: cause).data
            let data = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(data["cause"] as? String == "\(cause)")
            for name in data.keys { #expect(text.components(separatedBy: "\"\(name)\":").count == 2, "\(name)") }
        }
    }

    @Test func sequencersCompareAsTextsDo() throws {
        func sequencer(_ sequence: Int) throws -> String {
            let data = try JSONSerialization.jsonObject(with: Data(event(.created, "a", sequence: sequence).data.utf8)) as? [String: Any]
            return try #require(data?["sequencer"] as? String)
        }
        let numbers = [0, 9, 10, 255, 256, 1_795_000_000_000_000, Int.max]
        #expect(try numbers.map(sequencer) == numbers.map(sequencer).sorted())
    }

    @Test func aMarkComesBackAsItWasWritten() {
        for mark in [MediaMark(), MediaMark(visibility: "public"), MediaMark(visibility: "private", owner: "eva")] {
            let bucket = Bucket(name: BucketName("herd")!, owner: "root", created: 0, documents: [MediaMark.document: mark.text])
            #expect(MediaMark(bucket) == mark)
        }
        #expect(MediaMark(Bucket(name: BucketName("herd")!, owner: "root", created: 0)) == nil)
    }
}
