import Crypto
import Foundation
import TestSupport
import Testing

/// As many parts as S3 allows, through two crashes.
@Suite struct ManyPartsTests {
    private static let count = 10_000
    private static let path = "herd/many"
    private static let environment = ["AGROVET_S3_MINIMUM_PART_SIZE": "1"]

    /// Of different lengths and contents; two are too large to lie in a pack with others.
    private static func part(_ number: Int) -> Data {
        let size = number == 17 || number == 9_000 ? 1_200_000 : 100 + number % 57
        return Data((0..<size).map { UInt8(truncatingIfNeeded: ($0 &+ number) &* 2_654_435_761 >> 7) })
    }

    private static func etag(_ number: Int) -> String {
        Insecure.MD5.hash(data: part(number)).map { String(format: "%02x", $0) }.joined()
    }

    /// Several at once, as clients do.
    private func put(_ numbers: ClosedRange<Int>, _ id: String, _ s3: S3TestClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, number) in numbers.enumerated() {
                if index >= 32 { try await group.next() }
                group.addTask {
                    let answer = try await s3.request(
                        .PUT, Self.path, query: "partNumber=\(number)&uploadId=\(id)", body: Self.part(number))
                    guard answer.status == 200, answer["ETag"] == "\"\(Self.etag(number))\"" else {
                        throw AgrovetProcess.Failure(description: "part \(number): \(answer.status) \(answer.text)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Numbers and sizes of the parts that are there, of all pages.
    private func parts(_ id: String, _ s3: S3TestClient) async throws -> (numbers: [Int], sizes: [Int], pages: Int) {
        var (numbers, sizes, pages, marker): ([Int], [Int], Int, String) = ([], [], 0, "0")
        while true {
            let page = try await s3.get(Self.path, query: "part-number-marker=\(marker)&uploadId=\(id)")
            try #require(page.status == 200, "\(page.text)")
            pages += 1
            numbers += page.values(of: "PartNumber").compactMap { Int($0) }
            sizes += page.values(of: "Size").compactMap { Int($0) }
            guard page.values(of: "IsTruncated") == ["true"], let next = page.values(of: "NextPartNumberMarker").first else {
                return (numbers, sizes, pages)
            }
            marker = next
        }
    }

    @Test func tenThousandPartsBecomeOneObjectThroughTwoCrashes() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/storage"
        var server = try await AgrovetProcess.start(environment: Self.environment, dataFolder: data)
        var s3 = S3TestClient(server)
        #expect(try await s3.request(.PUT, "herd").status == 200)
        let id = try #require(try await s3.request(.POST, Self.path, query: "uploads=").values(of: "UploadId").first)
        try await put(1...4_321, id, s3)

        await server.kill()
        server = try await AgrovetProcess.start(environment: Self.environment, dataFolder: data)
        s3 = S3TestClient(server)
        #expect(try await parts(id, s3).numbers == Array(1...4_321))
        try await put(4_322...Self.count, id, s3)
        let beyond = try await s3.request(.PUT, Self.path, query: "partNumber=\(Self.count + 1)&uploadId=\(id)", body: Data([1]))
        #expect(beyond.status == 400)
        #expect(beyond.s3Code == "InvalidArgument")
        let listed = try await parts(id, s3)
        #expect(listed.numbers == Array(1...Self.count))
        #expect(listed.sizes == (1...Self.count).map { Self.part($0).count })
        #expect(listed.pages == 10)

        func completion(_ numbers: ClosedRange<Int>) -> Data {
            let list = numbers.map { "<Part><PartNumber>\($0)</PartNumber><ETag>\(Self.etag($0))</ETag></Part>" }.joined()
            return Data("<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>".utf8)
        }
        let tooMany = try await s3.request(.POST, Self.path, query: "uploadId=\(id)", body: completion(1...Self.count + 1))
        #expect(tooMany.status == 400)
        #expect(tooMany.s3Code == "InvalidPart")
        let completed = try await s3.request(.POST, Self.path, query: "uploadId=\(id)", body: completion(1...Self.count))
        #expect(completed.status == 200)
        #expect(completed.values(of: "ETag").first?.contains("-\(Self.count)") == true)

        await server.kill()
        server = try await AgrovetProcess.start(environment: Self.environment, dataFolder: data)
        s3 = S3TestClient(server)
        var (whole, offsets): (Data, [Int]) = (Data(), [])
        for number in 1...Self.count {
            offsets.append(whole.count)
            whole += Self.part(number)
        }
        let object = try await s3.get(Self.path)
        #expect(object.status == 200)
        #expect(object.body == whole)
        for number in [1, 17, 5_000, 9_000, Self.count] {
            let part = try await s3.get(Self.path, query: "partNumber=\(number)")
            #expect(part.status == 206)
            #expect(part.body == Self.part(number))
            #expect(part["x-amz-mp-parts-count"] == "\(Self.count)")
        }
        #expect(try await s3.get(Self.path, query: "partNumber=\(Self.count + 1)").status != 206)
        // Within a part, over a border, over many, over a part that is a file of its own, and the end.
        for range in [
            offsets[99] + 3...offsets[99] + 50, offsets[4_999] - 1...offsets[4_999], offsets[2_000]...offsets[7_000] + 9,
            offsets[8_990]...offsets[9_010], whole.count - 5...whole.count - 1,
        ] {
            let answer = try await s3.request(.GET, Self.path, headers: ["Range": "bytes=\(range.lowerBound)-\(range.upperBound)"])
            #expect(answer.status == 206)
            #expect(answer.body == whole[range])
        }
        #expect(try await s3.get(Self.path, query: "uploadId=\(id)").status == 404, "the upload has ended")
        #expect(await server.stop() == 0)
    }

    /// Without the setting S3's own limit holds.
    @Test func aPartThatIsNotTheLastIsRefusedWhereItIsSmall() async throws {
        let server = try await AgrovetProcess.start()
        let s3 = S3TestClient(server)
        #expect(try await s3.request(.PUT, "herd").status == 200)
        let id = try #require(try await s3.request(.POST, Self.path, query: "uploads=").values(of: "UploadId").first)
        try await put(1...2, id, s3)
        let list = (1...2).map { "<Part><PartNumber>\($0)</PartNumber><ETag>\(Self.etag($0))</ETag></Part>" }.joined()
        let refused = try await s3.request(
            .POST, Self.path, query: "uploadId=\(id)", body: Data("<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>".utf8))
        #expect(refused.status == 400)
        #expect(refused.s3Code == "EntityTooSmall")
        #expect(refused.values(of: "MinSizeAllowed") == ["5242880"])
        #expect(await server.stop() == 0)
    }
}
