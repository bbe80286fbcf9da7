import Codecs
import MediaPipeline
import Synchronization
import Testing

@Suite struct AdmissionQueueTests {
    @Test func whoFitsIsAdmittedAtOnce() {
        var queue = AdmissionQueue(budget: 100, slots: 3)
        #expect(queue.request(1, bytes: 40) == .admitted)
        #expect(queue.request(2, bytes: 60) == .admitted)
        #expect(queue.reserved == 100)
    }

    @Test func whoDoesNotFitWaitsUntilSomeoneIsDone() {
        var queue = AdmissionQueue(budget: 100, slots: 3)
        _ = queue.request(1, bytes: 80)
        #expect(queue.request(2, bytes: 30) == .waits)
        #expect(queue.finish(1) == [2])
        #expect(queue.reserved == 30 && queue.waiting.isEmpty)
    }

    @Test func aSmallOneDoesNotOvertakeALargeOne() {
        var queue = AdmissionQueue(budget: 100, slots: 9)
        _ = queue.request(1, bytes: 60)
        #expect(queue.request(2, bytes: 90) == .waits)
        #expect(queue.request(3, bytes: 10) == .waits)
        #expect(queue.finish(1) == [2, 3])
    }

    @Test func threadsAreALimitToo() {
        var queue = AdmissionQueue(budget: 100, slots: 1)
        _ = queue.request(1, bytes: 1)
        #expect(queue.request(2, bytes: 1) == .waits)
        #expect(queue.finish(1) == [2])
    }

    @Test func whatExceedsTheWholeBudgetIsRefusedEvenWhenAllIsIdle() {
        var queue = AdmissionQueue(budget: 100, slots: 1)
        #expect(queue.request(1, bytes: 101) == .neverFits)
        #expect(queue.request(2, bytes: 100) == .admitted)
    }

    @Test func whoGivesUpAtTheFrontLetsTheNextIn() {
        var queue = AdmissionQueue(budget: 100, slots: 9)
        _ = queue.request(1, bytes: 60)
        _ = queue.request(2, bytes: 90)
        _ = queue.request(3, bytes: 40)
        #expect(queue.withdraw(2) == [3])
        #expect(queue.reserved == 100)
    }

    @Test func finishingTwiceOrUnknownChangesNothing() {
        var queue = AdmissionQueue(budget: 100, slots: 2)
        _ = queue.request(1, bytes: 60)
        #expect(queue.finish(7).isEmpty)
        #expect(queue.finish(1).isEmpty)
        #expect(queue.finish(1).isEmpty)
        #expect(queue.reserved == 0)
    }

    @Test func anyOrderOfEventsKeepsTheLimitsAndLeavesNobodyBehind() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var queue = AdmissionQueue(budget: 100, slots: 4)
            var waiting: [AdmissionQueue.ID] = []
            var order: [AdmissionQueue.ID] = []
            for id in 1...40 as ClosedRange<AdmissionQueue.ID> {
                switch queue.request(id, bytes: .random(in: 1...100, using: &random)) {
                case .admitted: order.append(id)
                case .waits: waiting.append(id)
                case .neverFits: Issue.record("all requests fit")
                }
                if Bool.random(using: &random), let done = queue.running.keys.randomElement(using: &random) { order += queue.finish(done) }
                if Int.random(in: 0..<8, using: &random) == 0, let left = queue.waiting.randomElement(using: &random)?.id {
                    waiting.removeAll { $0 == left }
                    order += queue.withdraw(left)
                }
                #expect(queue.reserved <= 100 && queue.running.count <= 4)
                #expect(queue.reserved == queue.running.values.reduce(0, +))
            }
            while let done = queue.running.keys.first { order += queue.finish(done) }
            #expect(queue.waiting.isEmpty && queue.reserved == 0)
            #expect(order == order.sorted(), "first come, first served")
            #expect(Set(waiting).isSubset(of: Set(order)))
        }
    }
}

@Suite struct MemoryBudgetTests {
    @Test func manyTasksNeverHoldMoreThanTheBudget() async throws {
        let budget = MemoryBudget(bytes: 100, slots: 5)
        let held = HeldBytes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                let bytes = 1 + index * 37 % 100
                group.addTask {
                    try await budget.withReservation(of: bytes) {
                        held.change(by: bytes)
                        await Task.yield()
                        held.change(by: -bytes)
                    }
                }
            }
            try await group.waitForAll()
        }
        let (now, peak, changes) = held.figures
        #expect(peak <= 100 && now == 0 && changes == 400)
        #expect(budget.load == (0, 0, 0))
    }

    @Test func aTaskThatWaitsCanBeCancelledAndTheNextComesIn() async throws {
        let budget = MemoryBudget(bytes: 100, slots: 5)
        try await budget.withReservation(of: 60) {
            let large = Task { try await budget.withReservation(of: 90) { Issue.record("it was cancelled before it fitted") } }
            while budget.load.waiting < 1 { await Task.yield() }
            let small = Task { try await budget.withReservation(of: 40) { true } }
            while budget.load.waiting < 2 { await Task.yield() }
            large.cancel()
            await #expect(throws: CancellationError.self) { try await large.value }
            let came = try await small.value
            #expect(came)
        }
        #expect(budget.load == (0, 0, 0))
    }

    @Test func whatNeverFitsSaysWhatIsNeededAndAllowed() async {
        let budget = MemoryBudget(bytes: 100, slots: 1)
        await #expect(throws: CodecError.overMemoryBudget(needed: 101, allowed: 100)) {
            try await budget.withReservation(of: 101) {}
        }
    }

    @Test func anErrorGivesTheRoomBack() async {
        let budget = MemoryBudget(bytes: 100, slots: 1)
        await #expect(throws: CodecError.unknownFormat) {
            try await budget.withReservation(of: 100) { throw CodecError.unknownFormat }
        }
        #expect(budget.load == (0, 0, 0))
    }
}

private final class HeldBytes: Sendable {
    private let state = Mutex((now: 0, peak: 0, changes: 0))
    var figures: (now: Int, peak: Int, changes: Int) { state.withLock { $0 } }

    func change(by bytes: Int) {
        state.withLock {
            $0.now += bytes
            $0.peak = max($0.peak, $0.now)
            $0.changes += 1
        }
    }
}
