import Foundation

/// A place on the earth (WGS 84), in degrees.
public struct GeoPoint: Sendable, Hashable, Codable {
    public let latitude: Double
    public let longitude: Double

    /// Mean radius of the earth in kilometres (IUGG).
    private static let radius = 6371.0088

    /// Nil where it is nowhere.
    public init?(latitude: Double, longitude: Double) {
        guard (-90...90).contains(latitude), (-180...180).contains(longitude) else { return nil }
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Kilometres along the great circle (haversine formula).
    public func distance(to other: GeoPoint) -> Double {
        func half(_ degrees: Double) -> Double { pow(sin(degrees * .pi / 360), 2) }
        let part =
            half(other.latitude - latitude)
            + cos(latitude * .pi / 180) * cos(other.latitude * .pi / 180) * half(other.longitude - longitude)
        return 2 * Self.radius * asin(min(1, part.squareRoot()))
    }

    /// SQL of the distance in kilometres from this point to that of a row.
    public func distance(latitude: String, longitude: String, _ filter: inout SQLFilter) -> String {
        let (here, there) = (filter.place(SQLValue(self.latitude)), filter.place(SQLValue(self.longitude)))
        return """
            (2 * \(Self.radius) * ASIN(SQRT(CASE WHEN 1 < \(Self.part(latitude, longitude, here, there)) THEN 1 \
            ELSE \(Self.part(latitude, longitude, here, there)) END)))
            """
    }

    private static func part(_ latitude: String, _ longitude: String, _ here: String, _ there: String) -> String {
        // POWER by a product: it is the same on every engine.
        let (north, east) = ("SIN(RADIANS(\(latitude) - \(here)) / 2)", "SIN(RADIANS(\(longitude) - \(there)) / 2)")
        return "(\(north) * \(north) + COS(RADIANS(\(here))) * COS(RADIANS(\(latitude))) * \(east) * \(east))"
    }

    /// Rows within a distance. A box around it comes first, which an index on the columns can answer.
    public func filter(within kilometres: Double, latitude: String, longitude: String, _ filter: inout SQLFilter) {
        let height = kilometres / Self.radius * 180 / .pi
        filter.add(
            "\(latitude) BETWEEN ? AND ?", SQLValue(max(-90, self.latitude - height)), SQLValue(min(90, self.latitude + height)))
        // Widest where the circle touches a meridian; over a pole, or round the back of the earth, every longitude is in it.
        let cosine = cos(self.latitude * .pi / 180)
        let sine = sin(min(.pi / 2, kilometres / Self.radius))
        if cosine > sine {
            let width = asin(sine / cosine) * 180 / .pi
            if self.longitude - width >= -180, self.longitude + width <= 180 {
                filter.add("\(longitude) BETWEEN ? AND ?", SQLValue(self.longitude - width), SQLValue(self.longitude + width))
            }
        }
        let distance = distance(latitude: latitude, longitude: longitude, &filter)
        filter.add("\(distance) <= ?", SQLValue(kilometres))
    }
}
