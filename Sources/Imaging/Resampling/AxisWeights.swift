/// What each sample of a resampled row (or column) takes from the source: for one axis, the first source sample and the
/// weights of it and of those behind it, in fixed point.
struct AxisWeights {
    /// Weights are in units of 1/16384 and sum to exactly that, so that a flat area stays flat.
    static let fractionBits = 14
    static let one = 1 << fractionBits
    /// Source samples read for each target sample are a multiple of this, for the vector loops.
    static let step = 8

    /// Source samples that take part in each target sample; the same for all, a multiple of `step`, zero-weighted where
    /// the filter has ended.
    let taps: Int
    /// For each target sample the first source sample, never negative.
    let starts: [Int32]
    /// `taps` weights a target sample.
    let weights: [Int16]
    /// Samples that a source row must have for every tap to be readable; more than the row where the row is very short.
    let sourceExtent: Int

    /// - Parameters:
    ///   - start: where the part to take begins, in source samples.
    ///   - length: how many source samples are taken; may be fractional, must be positive.
    ///   - sourceCount: samples of the source row. Weights of samples beyond its ends are given to those within.
    ///   - targetCount: samples to make.
    ///   - averaged: how many finer samples each source sample is the mean of; see `averagingLoss`.
    init(start: Double, length: Double, sourceCount: Int, targetCount: Int, filter: ResamplingFilter, averaged: Double = 1) {
        let scale = length / Double(targetCount)
        // Enlarging interpolates with the filter as it is; reducing stretches it.
        let stretch = max(1, scale)
        let loss = Float(Self.averagingLoss(averaged))
        let reach = filter.support * stretch + (loss > 0 ? 1 : 0)
        // A window of width 2·reach covers at most floor(2·reach) + 1 sample centres.
        let span = min(sourceCount, Int(2 * reach) + 1)
        let taps = (span + Self.step - 1) / Self.step * Self.step
        // With taps to spare the window slides left instead of reading beyond the row's end.
        let lastStart = max(0, sourceCount - taps)
        var starts = [Int32](repeating: 0, count: targetCount)
        var weights = [Int16](repeating: 0, count: targetCount * taps)
        let table = filter.table
        let density = Float(ResamplingFilter.tableDensity) / Float(stretch)
        let limit = Float(filter.support) * Float(ResamplingFilter.tableDensity)
        var raw = [Float](repeating: 0, count: taps)
        for target in 0..<targetCount {
            let center = start + (Double(target) + 0.5) * scale
            // Sample i has its centre at i + 0.5.
            let lowest = max(0, min(sourceCount - 1, Int((center - reach - 0.5).rounded(.up))))
            let highest = max(lowest, min(sourceCount - 1, Int((center + reach - 0.5).rounded(.down)), lowest + span - 1))
            let first = min(lowest, lastStart)
            starts[target] = Int32(first)
            let count = highest - lowest + 1
            func filterValue(_ sample: Int) -> Float {
                let position = min(limit, abs(Float(Double(sample) + 0.5 - center)) * density)
                let step = Int(position)
                return table[step] + (table[step + 1] - table[step]) * (position - Float(step))
            }
            var sum: Float = 0
            var (before, value) = (loss > 0 ? filterValue(lowest - 1) : 0, filterValue(lowest))
            for index in 0..<count {
                let after = filterValue(lowest + index + 1)
                raw[index] = value + loss * (2 * value - before - after)
                sum += raw[index]
                (before, value) = (value, after)
            }
            let base = target * taps + (lowest - first)
            guard sum > 0.01 else {
                // The window lies beyond the row: the nearest sample stands for it.
                weights[base + (center < 0 ? 0 : count - 1)] = Int16(Self.one)
                continue
            }
            let unit = Float(Self.one) / sum
            var rest = Self.one
            var largest = 0
            for index in 0..<count {
                let weight = Int((raw[index] * unit).rounded())
                weights[base + index] = Int16(weight)
                rest -= weight
                if weight > Int(weights[base + largest]) { largest = index }
            }
            weights[base + largest] += Int16(rest)
        }
        self.taps = taps
        self.starts = starts
        self.weights = weights
        sourceExtent = max(sourceCount, taps)
    }

    /// How much of its second difference a signal loses by being averaged over k samples before it is subsampled by k: the
    /// mean's frequency response is 1 − (1 − 1/k²)·(πf)²/6 for small f (f in cycles a kept sample), and subtracting a times
    /// the second difference gives 1 + a·(2πf)², so that a = (1 − 1/k²)/24 levels it. Folded into the weights this costs nothing.
    private static func averagingLoss(_ k: Double) -> Double { k > 1 ? (1 - 1 / (k * k)) / 24 : 0 }
}
