import Foundation
import Persistence
import TestSupport
import Testing

/// What is found first, and what is found by place and time.
@Suite struct SearchTests {
    private func post(_ fair: Fair, _ titles: [(title: String, rest: String)]) async throws {
        for (title, rest) in titles { _ = try await fair.post(#"{"title":"\#(title)","category":"other","price":"5"\#(rest)}"#) }
    }

    @Test(arguments: SQLDialect.allCases)
    func whatFitsBestIsFirstWhereSomethingIsSearched(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            try await post(
                fair,
                [
                    ("Novilla Holstein", #","location":{"latitude":4.7,"longitude":-74.1}"#), ("Novillas Brahman", ""),
                    ("Corral", #","description":"Para novillas Holstein""#),
                    ("Novillada", #","location":{"latitude":4.8,"longitude":-74.1}"#),
                    ("Leche", #","location":{"place":"La Novilla"}"#),
                ])
            let best = ["Novillas Brahman", "Novilla Holstein", "Novillada", "Leche", "Corral"]
            #expect(try await fair.titles("search=novilla") == best)
            #expect(try await fair.titles("search=NOVILLAS&ordering=relevance") == best)
            #expect(try await fair.titles("search=novilla&ordering=-relevance") == best.reversed())
            #expect(try await fair.titles("search=holstein+novilla") == ["Novilla Holstein", "Corral"])
            // What is asked for counts.
            #expect(try await fair.titles("search=novilla&ordering=title").first == "Corral")
            #expect(
                try await fair.titles("search=novilla&ordering=-published")
                    == ["Leche", "Novillada", "Corral", "Novillas Brahman", "Novilla Holstein"])
            #expect(try await fair.titles("search=novilla&near=4.8,-74.1") == ["Novillada", "Novilla Holstein"])
            #expect(try await fair.titles("search=novilla&near=4.8,-74.1&ordering=relevance") == ["Novilla Holstein", "Novillada"])
            #expect(
                try await fair.titles("search=novilla&near=4.8,-74.1&ordering=relevance,distance") == ["Novilla Holstein", "Novillada"])
            // Without words everything fits as well: newest first.
            for query in [
                "ordering=relevance", "search=&ordering=relevance", "search=%E2%80%93%3B&ordering=relevance", "search=%E2%80%93%3B",
            ] {
                #expect(try await fair.titles(query).first == "Leche", "\(query)")
            }
            var paged: [String] = []
            for page in 1...3 { paged += try await fair.titles("search=novilla&page_size=2&page=\(page)") }
            #expect(paged == best)
            // Text that means something to SQL means nothing here.
            #expect(try await fair.titles("search='%20OR%201=1%20--") == [])
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func adsAreFoundByPlaceRegionAndTime(_ dialect: SQLDialect) async throws {
        try await Fair.open(dialect) { (fair: Fair) async throws -> Void in
            try await post(
                fair,
                [
                    ("En Zipaquirá", #","location":{"place":"Zipaquirá","region":"Cundinamarca","country":"CO"}"#),
                    ("En Úbeda", #","location":{"place":"Úbeda","region":"Jaén","country":"ES"}"#), ("En ninguna parte", ""),
                ])
            for (query, titles) in [
                ("place=zipaquira", ["En Zipaquirá"]), ("place=ZIPAQUIR%C3%81", ["En Zipaquirá"]), ("place=zipa", []),
                ("region=jaen", ["En Úbeda"]), ("region=cundinamarca&country=ES", []), ("place=ubeda&region=Ja%C3%A9n", ["En Úbeda"]),
                ("published_after=2020-01-01&place=ubeda", ["En Úbeda"]), ("published_after=2999-01-01", []),
            ] { #expect(try await fair.titles(query) == titles, "\(query)") }
            #expect(try await fair.nobody.get("/api/adds/?published_after=yesterday-or-so").status == 400)
            // The place goes with the ad.
            let id = try #require(
                (try await fair.nobody.get("/api/adds/?place=ubeda").json["results"] as? [[String: Any]])?.first?["id"] as? String)
            #expect(try await fair.ana.send(.PATCH, "/api/adds/\(id)/", json: #"{"location":{"place":"Baeza"}}"#).status == 200)
            #expect(try await fair.titles("place=baeza&region=jaen") == ["En Úbeda"])
            #expect(try await fair.titles("place=ubeda") == [])
            // A search that is kept takes the same.
            let saved = try await fair.vet.send(
                .POST, "/api/saved-searches/", json: #"{"name":"Baeza","query":{"place":"BAEZA","verified":false}}"#)
            #expect(saved.status == 201, "\(saved.text)")
        }
    }

    @Test(arguments: SQLDialect.allCases)
    func adsOfAnEarlierVersionAreFoundAndRankedToo(_ dialect: SQLDialect) async throws {
        let before: @Sendable (any SQLConnection) throws -> Void = { connection in
            for (id, title, place) in [(UUIDv7.make(), "Corral", "Úbeda"), (UUIDv7.make(), "Novillas", "Cali")] {
                try connection.execute(
                    """
                    INSERT INTO adds (id, seller, title, description, category, condition, currency, price, stock, place, region, country,
                        photos, state, published, created, updated, version)
                    VALUES ($1, $2, $3, 'Para novillas', 'other', 'used', 'USD', 500, 1000, $4, '', '', 0, 'published', 1, 1, 1, 1)
                    """, [SQLValue(id), SQLValue(Fair.ana.subject), SQLValue(title), SQLValue(place)])
                try connection.execute("INSERT INTO adds_search (word, id) VALUES ('novilla', $1)", [SQLValue(id)])
            }
        }
        try await Fair.open(dialect, before: before) { (fair: Fair) async throws -> Void in
            #expect(try await fair.bench.eventually { try await fair.titles("place=ubeda") == ["Corral"] })
            #expect(try await fair.bench.eventually { try await fair.titles("search=novilla") == ["Novillas", "Corral"] })
            #expect(try await fair.titles("search=corral") == ["Corral"])
        }
    }
}
