import ServiceLifecycle

/// Has profiles found by words that have changed elsewhere: the names of specialties.
struct ProfilesUpkeep: Service {
    let core: ProfilesCore

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while try await ProfileSearch.refresh(core.database) {}
                } catch {
                    if Task.isCancelled { return }
                    core.logger.error("profiles could not be indexed", metadata: ["error": "\(error)"])
                }
                await core.upkeep.wait(atMost: core.settings.interval)
            }
        }
    }
}
