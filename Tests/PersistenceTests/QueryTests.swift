import Foundation
import Persistence
import TestSupport
import Testing

/// Filters, search and distances, on both engines.
@Suite struct QueryTests {
    private static let search = SearchIndex(table: "places_search")

    /// Calls `body` with a database of places.
    private func withPlaces(
        _ dialect: SQLDialect, _ places: [(id: String, text: String, latitude: Double, longitude: Double)],
        _ body: (any Database) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let database: any Database =
            switch dialect {
            case .sqlite: try SQLiteDatabase(.init(path: folder.path + "/test.sqlite"))
            case .postgresql: PostgreSQLDatabase(configuration: .init(url: try await PostgreSQLServer.shared.makeDatabase()))
            }
        let real = dialect == .postgresql ? "DOUBLE PRECISION" : "REAL"
        let table = "CREATE TABLE places (id TEXT PRIMARY KEY, latitude \(real), longitude \(real))"
        try await Migrator.migrate(
            database, service: "test",
            [Migration("0001-places", table), Self.search.migration("0002-search"), Self.search.rankMigration("0003-rank")])
        try await database.write { connection in
            for place in places {
                try connection.execute(
                    "INSERT INTO places (id, latitude, longitude) VALUES ($1, $2, $3)",
                    [SQLValue(place.id), SQLValue(place.latitude), SQLValue(place.longitude)])
                try Self.search.put(place.id, description: [place.text], on: connection)
            }
        }
        try await body(database)
        await database.close()
    }

    private func find(_ query: String, _ database: any Database) async throws -> [String] {
        try await database.read { connection in
            var filter = SQLFilter()
            Self.search.filter(query, &filter)
            return try connection.query("SELECT id FROM places \(filter.clause) ORDER BY id", filter.arguments).map { try $0.text("id") }
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func wordsAreFoundWithoutCaseAccentsAndPlurals(_ dialect: SQLDialect) async throws {
        let places = [
            (id: "a", text: "Vacunación de VACAS lecheras, 3 dosis", latitude: 0.0, longitude: 0.0),
            (id: "b", text: "Tractores y motores usados en Peñaranda", latitude: 0, longitude: 0),
            (id: "c", text: "Lápices; pez; Ñandú – ovejas (merino)", latitude: 0, longitude: 0),
        ]
        try await withPlaces(dialect, places) { database in
            for (query, found) in [
                ("vacunacion", ["a"]), ("VACUNACIÓN", ["a"]), ("vaca", ["a"]), ("vacas", ["a"]), ("vac", ["a"]), ("tractor", ["b"]),
                ("motores", ["b"]), ("motor peñaranda", ["b"]), ("penaranda", ["b"]), ("lapiz", ["c"]), ("peces", ["c"]), ("nandu", ["c"]),
                ("merino oveja", ["c"]), ("vacas tractor", []), ("dosis", ["a"]), ("3", ["a"]), ("acas", []), ("", ["a", "b", "c"]),
                (" –;% ", ["a", "b", "c"]), ("' OR 1=1 --", []),
            ] {
                #expect(try await find(query, database) == found, "\(query)")
            }
            try await database.write { connection in
                try Self.search.put("a", description: ["cabras"], on: connection)
                try Self.search.remove("b", on: connection)
            }
            #expect(try await find("vaca", database) == [])
            #expect(try await find("cabra", database) == ["a"])
            #expect(try await find("tractor", database) == [])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func placesAreFoundWithinADistance(_ dialect: SQLDialect) async throws {
        let places = [
            (id: "bogota", text: "", latitude: 4.711, longitude: -74.0721),
            (id: "medellin", text: "", latitude: 6.2442, longitude: -75.5812),
            (id: "fiji-east", text: "", latitude: -17.0, longitude: -179.9), (id: "fiji-west", text: "", latitude: -17.0, longitude: 179.9),
            (id: "pole", text: "", latitude: 89.9, longitude: 10.0), (id: "pole-other-side", text: "", latitude: 89.9, longitude: -170.0),
        ]
        try await withPlaces(dialect, places) { (database: any Database) async throws -> Void in
            func near(_ latitude: Double, _ longitude: Double, _ kilometres: Double) async throws -> [String] {
                let point = GeoPoint(latitude: latitude, longitude: longitude)!
                return try await database.read { connection in
                    var filter = SQLFilter()
                    point.filter(within: kilometres, latitude: "latitude", longitude: "longitude", &filter)
                    let distance = point.distance(latitude: "latitude", longitude: "longitude", &filter)
                    return try connection.query("SELECT id FROM places \(filter.clause) ORDER BY \(distance)", filter.arguments)
                        .map { try $0.text("id") }
                }
            }
            // 239.5 km by the great circle.
            #expect(try await near(4.711, -74.0721, 230) == ["bogota"])
            #expect(try await near(4.711, -74.0721, 245) == ["bogota", "medellin"])
            #expect(try await near(6.2442, -75.5812, 245) == ["medellin", "bogota"])
            // Over the date line and over the pole.
            #expect(try await near(-17, 179.95, 30) == ["fiji-west", "fiji-east"])
            #expect(try await near(89.95, 10, 30) == ["pole", "pole-other-side"])
            #expect(try await near(0, 0, 20_100).count == 6)
        }
    }

    @Test func distancesAreThoseOfTheGreatCircle() throws {
        let bogota = try #require(GeoPoint(latitude: 4.711, longitude: -74.0721))
        let medellin = try #require(GeoPoint(latitude: 6.2442, longitude: -75.5812))
        #expect(abs(bogota.distance(to: medellin) - 239.1) < 2)
        #expect(bogota.distance(to: bogota) == 0)
        let (north, south) = (try #require(GeoPoint(latitude: 90, longitude: 0)), try #require(GeoPoint(latitude: -90, longitude: 0)))
        #expect(abs(north.distance(to: south) - 20_015.1) < 0.1)
        #expect(GeoPoint(latitude: 91, longitude: 0) == nil)
        #expect(GeoPoint(latitude: .nan, longitude: 0) == nil)
    }

    @Test func conditionsKeepTheirValuesInOrder() {
        var filter = SQLFilter()
        #expect(filter.clause == "")
        filter.add("a = ?", 1)
        filter.add("(b = ? OR c = ?)", "x", "y")
        filter.add("d IS NULL")
        #expect(filter.clause == "WHERE a = $1 AND (b = $2 OR c = $3) AND d IS NULL")
        #expect(filter.arguments == [1, "x", "y"])
    }
}
