import NIOCore
import NIOPosix

/// Whether the server's ports are free, found out before anything of it runs: half of a server would tell the world that it is ready, and
/// its other parts would log what their end looks like to them.
enum PortCheck {
    /// - Parameter ports: 0 is any free one.
    /// - Throws: `IOError` where one cannot be listened on, such as when it is taken, by another program or by this one's other port.
    static func check(host: String, ports: [Int]) async throws {
        var channels: [any Channel] = []
        do {
            for port in ports where port != 0 {
                let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                channels.append(try await bootstrap.bind(host: host, port: port).get())
            }
        } catch {
            for channel in channels { try? await channel.close() }
            throw error
        }
        for channel in channels { try await channel.close() }
    }
}
