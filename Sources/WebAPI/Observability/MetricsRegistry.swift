import Synchronization

/// Counters, gauges and histograms of this process, written in Prometheus's text format 0.0.4.
public final class MetricsRegistry: Sendable {
    /// Label names and values, in the order they are written.
    public typealias Labels = [(name: String, value: String)]

    private enum Kind: String {
        case counter, gauge, histogram
    }

    private struct Histogram {
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    private struct Family {
        let kind: Kind
        let help: String
        let buckets: [Double]
        var values: [String: Double] = [:]
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
        let key = Self.text(labels)
        families.withLock { families in
            families[name, default: Family(kind: .counter, help: help, buckets: [])].values[key, default: 0] += amount
        }
    }

    /// Adds an observation to a histogram of `buckets` (upper bounds, ascending).
    public func observe(_ name: String, _ help: String, _ value: Double, buckets: [Double] = durationBuckets, labels: Labels = []) {
        let key = Self.text(labels)
        families.withLock { families in
            var family = families[name] ?? Family(kind: .histogram, help: help, buckets: buckets)
            var histogram = family.histograms[key] ?? Histogram(counts: Array(repeating: 0, count: family.buckets.count))
            if let index = family.buckets.firstIndex(where: { value <= $0 }) { histogram.counts[index] += 1 }
            histogram.sum += value
            histogram.count += 1
            family.histograms[key] = histogram
            families[name] = family
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
            for (labels, value) in family.values.sorted(by: { $0.key < $1.key }) {
                output += "\(name)\(Self.braced(labels)) \(Self.number(value))\n"
            }
            for (labels, histogram) in family.histograms.sorted(by: { $0.key < $1.key }) {
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
