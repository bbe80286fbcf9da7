import Foundation
import Imaging

/// The sizes of one transform: what is taken of a region of the picture, how large it becomes, and the canvas around it.
/// Where the cut lies is left open: `smart` gravity needs pixels to say.
struct TransformLayout: Equatable {
    /// Of the region, in its pixels.
    let taken: (width: Double, height: Double)
    let target: PixelSize
    /// The result's size; more than the target only where the picture is padded.
    let canvas: PixelSize

    static func == (a: TransformLayout, b: TransformLayout) -> Bool { a.taken == b.taken && a.target == b.target && a.canvas == b.canvas }

    /// - Parameters:
    ///   - region: pixels that are left after `crop` and `trim`.
    /// - Throws: `TransformError.overLimit` where the result is too large.
    init(_ operations: TransformOperations, region: PixelSize, limits: TransformLimits) throws(TransformError) {
        let (width, height) = (Double(region.width), Double(region.height))
        let boxWidth = operations.width.map { max(1, (Double($0) * operations.pixelRatio).rounded()) }
        let boxHeight = operations.height.map { max(1, (Double($0) * operations.pixelRatio).rounded()) }
        let scales = [boxWidth.map { $0 / width }, boxHeight.map { $0 / height }].compactMap { $0 }
        let most = operations.enlarges ? Double.infinity : 1
        let fit = operations.fit ?? .fit
        func size(_ width: Double, _ height: Double) throws(TransformError) -> PixelSize {
            let (width, height) = (max(1, width.rounded()), max(1, height.rounded()))
            try limits.check(resultWidth: width, height: height)
            return PixelSize(width: Int(width), height: Int(height))
        }
        guard let least = scales.min(), let greatest = scales.max() else {
            // No box, so the density is all that may be asked for, and without a size that means nothing.
            taken = (width, height)
            target = try size(width, height)
            canvas = target
            return
        }
        if let boxWidth, let boxHeight, fit == .fill || fit == .crop {
            let scale = min(most, greatest)
            // `fill` takes what has the box's aspect; `crop` takes up to the box itself.
            let wanted = fit == .fill ? greatest : scale
            taken = (min(width, boxWidth / wanted), min(height, boxHeight / wanted))
            target = try size(min(boxWidth, taken.width * scale), min(boxHeight, taken.height * scale))
            canvas = target
            return
        }
        let scale = min(most, least)
        taken = (width, height)
        target = try size(width * scale, height * scale)
        if fit == .pad {
            // What is rounded up by half a pixel must still fit.
            canvas = try size(max(boxWidth ?? 1, Double(target.width)), max(boxHeight ?? 1, Double(target.height)))
        } else {
            canvas = target
        }
    }

    /// The least scale of the region that leaves the resampling nothing to enlarge, at most 1.
    var scale: Double { min(1, max(Double(target.width) / taken.width, Double(target.height) / taken.height)) }

    /// The part of the region that is taken.
    /// - Parameter smart: asked where the operations leave it to what is seen: shares of the free room before the cut.
    func cut(_ gravity: Gravity, region: PixelSize, smart: (_ width: Double, _ height: Double) -> (x: Double, y: Double)) -> PixelRect {
        let free = (x: Double(region.width) - taken.width, y: Double(region.height) - taken.height)
        let share: (x: Double, y: Double)
        switch gravity {
        case .point(let point): share = point.share
        case .smart where free.x < 0.5 && free.y < 0.5: share = (0.5, 0.5)
        case .smart: share = smart(taken.width / Double(region.width), taken.height / Double(region.height))
        case .focus(let x, let y):
            func part(_ focus: Double, _ length: Int, _ taken: Double, _ free: Double) -> Double {
                free <= 0 ? 0.5 : min(1, max(0, (focus * Double(length) - taken / 2) / free))
            }
            share = (part(x, region.width, taken.width, free.x), part(y, region.height, taken.height, free.y))
        }
        return PixelRect(x: free.x * share.x, y: free.y * share.y, width: taken.width, height: taken.height)
    }

    /// Where the target lies on the canvas, in whole pixels.
    func offset(_ gravity: Gravity) -> (x: Int, y: Int) {
        let share: (x: Double, y: Double) = if case .point(let point) = gravity { point.share } else { (0.5, 0.5) }
        return (
            Int((Double(canvas.width - target.width) * share.x).rounded()), Int((Double(canvas.height - target.height) * share.y).rounded())
        )
    }
}
