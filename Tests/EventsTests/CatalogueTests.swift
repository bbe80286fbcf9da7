import Events
import Foundation
import Schemas
import Testing

@Suite struct CatalogueTests {
    private let catalogue = EventCatalogue([
        EventType(
            "cow.born", topic: "farm.events", "A calf.",
            data: JSONSchema.object(
                .required("name", .string(1...20)), .optional("mother", JSONSchema.object(.required("name", .string())).nullable)
            ).named("Cow")),
        EventType("barn.built", topic: "house.events", "A barn.", data: .object()),
    ])

    private func event(_ type: String, _ data: String) -> CloudEvent {
        CloudEvent(id: "1", source: "/agrovet/test", type: type, subject: "s", time: Date(), data: data)
    }

    @Test(
        arguments: [
            ("cow.born", "farm.events", #"{"name":"Lola"}"#, nil), ("cow.born", "farm.events", #"{"name":"Lola","mother":null}"#, nil),
            ("cow.born", "farm.events.dead", #"{"name":"Lola"}"#, nil),
            ("dead.dropped", "farm.events.dead", #"{"offset":0,"consumer":"c"}"#, "dead.dropped names no letter"),
            ("cow.born", "farm.events", #"{"name":""}"#, "cow.born: name: This field may not be blank."),
            ("cow.born", "farm.events", #"{"name":"Lola","more":1}"#, "cow.born: more: This field is not expected here."),
            (
                "cow.born", "farm.events", #"{"name":"Lola","mother":{"name":"Bella","age":7}}"#,
                "cow.born: mother.age: This field is not expected here."
            ),
            ("cow.born", "house.events", #"{"name":"Lola"}"#, "cow.born stands in the topic house.events, and is declared for farm.events"),
            ("cow.died", "farm.events", "{}", "no service declares the type cow.died"),
            ("barn.built", "house.events", "[]", "barn.built: data: Invalid data. Expected a dictionary."),
        ] as [(String, String, String, String?)])
    func whatIsPublishedIsComparedWithWhatIsDeclared(_ type: String, _ topic: String, _ data: String, _ problem: String?) {
        #expect(catalogue.problems(of: event(type, data), in: topic) == (problem.map { [$0] } ?? []))
    }

    @Test func theDocumentHasEveryTypeInItsChannel() throws {
        let document = catalogue.asyncAPI(version: "1.2.3", host: "api.example:8080", scheme: "https")
        #expect(try JSONValue(parsing: Data(document.json.utf8)) == document)
        #expect(document["info"]?["version"] == "1.2.3")
        #expect(document["channels"]?["farm-events"]?["messages"]?.members.keys.sorted() == ["cow-born"])
        #expect(document["channels"]?["house-events"]?["messages"]?.members.keys.sorted() == ["barn-built"])
        #expect(document["channels"]?["farm-events"]?["address"] == "farm.events")
        let dead = ["barn-built", "cow-born", "dead-dropped", "dead-retried"]
        #expect(document["channels"]?["dead-letters"]?["messages"]?.members.keys.sorted() == dead)
        #expect(document["components"]?["messages"]?.members.keys.sorted() == dead)
        #expect(document["components"]?["schemas"]?["Cow"]?["type"] == "object")
    }
}
