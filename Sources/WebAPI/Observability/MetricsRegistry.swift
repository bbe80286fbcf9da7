import Synchronization

/// Counters, gauges and histograms of this process, written in Prometheus's text format 0.0.4.
public final class MetricsRegistry: Sendable {
    /// Label names and values, in the order they are written.
    public typealias Labels = [(name: String, value: String)]

    private enum Kind: String {
        case counter, gauge, histogram
    }

    /// One series of a counter.
    final class Counter: Sendable {
        private let total = Mutex(0.0)
        var value: Double { total.withLock { $0 } }
        func add(_ amount: Double) { total.withLock { $0 += amount } }
    }

    /// One series of a histogram.
    final class Histogram: Sendable {
        struct State {
            var counts: [UInt64]
            var sum = 0.0
            var count: UInt64 = 0
        }

        private let bounds: [Double]
        private let state: Mutex<State>
        var value: State { state.withLock { $0 } }

        init(bounds: [Double]) {
            self.bounds = bounds
            state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
        }

        func observe(_ value: Double) {
            let index = bounds.firstIndex { value <= $0 }
            state.withLock { state in
                if let index { state.counts[index] += 1 }
                state.sum += value
                state.count += 1
            }
        }
    }

    private struct Family {
        let kind: Kind
        let help: String
        let buckets: [Double]
        var counters: [String: Counter] = [:]
        var histograms: [String: Histogram] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let collectors = Mutex<[@Sendable () async -> [Gauge]]>([])

    /// A value that is read when the metrics are asked for.
    public struct Gauge: Sendable {
        let name: String
        let help: String
        let value: Double
        let labels: String
        public init(_ name: String, _ help: String, _ value: Double, labels: Labels = []) {
            self.name = name
            self.help = help
            self.value = value
            self.labels = MetricsRegistry.text(labels)
        }
    }

    public init() {}

    /// Adds to a counter; its name ends in `_total`.
    public func count(_ name: String, _ help: String, by amount: Double = 1, labels: Labels = []) {
        counter(name, help, labels: labels).add(amount)
    }

    /// Adds an observation to a histogram of `buckets` (upper bounds, ascending).
    public func observe(_ name: String, _ help: String, _ value: Double, buckets: [Double] = durationBuckets, labels: Labels = []) {
        histogram(name, help, buckets: buckets, labels: labels).observe(value)
    }

    /// The series of a counter, for those who add to it often.
    func counter(_ name: String, _ help: String, labels: Labels = []) -> Counter {
        let key = Self.text(labels)
        return families.withLock { families in
            if let known = families[name]?.counters[key] { return known }
            let new = Counter()
            families[name, default: Family(kind: .counter, help: help, buckets: [])].counters[key] = new
            return new
        }
    }

    /// The series of a histogram, for those who add to it often.
    func histogram(_ name: String, _ help: String, buckets: [Double] = durationBuckets, labels: Labels = []) -> Histogram {
        let key = Self.text(labels)
        return families.withLock { families in
            if let known = families[name]?.histograms[key] { return known }
            var family = families[name] ?? Family(kind: .histogram, help: help, buckets: buckets)
            let new = Histogram(bounds: family.buckets)
            family.histograms[key] = new
            families[name] = family
            return new
        }
    }

    /// Registers what gives gauges at the time of a scrape.
    public func collect(_ collector: @escaping @Sendable () async -> [Gauge]) {
        collectors.withLock { $0.append(collector) }
    }

    /// Seconds, from a cached answer to a long upload.
    public static let durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// The whole exposition.
    public func exposition() async -> String {
        var output = ""
        for (name, family) in families.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            output += "# HELP \(name) \(Self.escapedHelp(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, counter) in family.counters.sorted(by: { $0.key < $1.key }) {
                output += "\(name)\(Self.braced(labels)) \(Self.number(counter.value))\n"
            }
            for (labels, series) in family.histograms.sorted(by: { $0.key < $1.key }) {
                let histogram = series.value
                var cumulated: UInt64 = 0
                let prefix = labels.isEmpty ? "" : labels + ","
                for (bound, count) in zip(family.buckets, histogram.counts) {
                    cumulated += count
                    output += "\(name)_bucket{\(prefix)le=\"\(Self.number(bound))\"} \(cumulated)\n"
                }
                output += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(histogram.count)\n"
                output += "\(name)_sum\(Self.braced(labels)) \(Self.number(histogram.sum))\n"
                output += "\(name)_count\(Self.braced(labels)) \(histogram.count)\n"
            }
        }
        var gauges: [Gauge] = []
        for collector in collectors.withLock({ $0 }) { gauges += await collector() }
        var announced: Set<String> = []
        for gauge in gauges.sorted(by: { ($0.name, $0.labels) < ($1.name, $1.labels) }) {
            if announced.insert(gauge.name).inserted {
                output += "# HELP \(gauge.name) \(Self.escapedHelp(gauge.help))\n# TYPE \(gauge.name) gauge\n"
            }
            output += "\(gauge.name)\(Self.braced(gauge.labels)) \(Self.number(gauge.value))\n"
        }
        return output
    }

    private static func text(_ labels: Labels) -> String {
        labels.map { label in
            let value = label.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }.joined(separator: ",")
    }

    private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func escapedHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
