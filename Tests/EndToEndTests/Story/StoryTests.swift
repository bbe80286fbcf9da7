import Foundation
import TestSupport
import Testing

/// A breeder registers, uploads photos, posts an ad before the photos are rendered, sees placeholders turn into renditions; a vet, whom the
/// breeder finds by search, finds the ad by search, buys, the stock goes down, events tell it in order; the breeder deletes a photo and it is
/// gone from the ad. Through the public API only, whatever houses the services live in.
@Suite struct StoryTests {
    @Test(arguments: Town.Houses.allCases)
    func aBreederSellsAndAVetBuys(_ houses: Town.Houses) async throws {
        let town = try await Town.start(houses)
        let story = Story(
            breeder: try await town.register("rosa", role: "Businessman"), vet: try await town.register("mateo", role: "Specialist"))
        let add = try await story.breederPostsBeforePhotosAreRendered()
        try await story.placeholdersTurnIntoRenditions(of: add)
        try await story.vetIsVerifiedAndFound()
        try await story.vetFinds(add)
        let order = try await story.vetBuys(add)
        try await story.vetSells()
        try await story.eventsTellInOrder(of: add)
        try await story.aDeletedPhotoIsGone(from: add)
        try await story.whoLeavesTakesTheAdAlong(add, order)
        await town.stop()
    }
}
