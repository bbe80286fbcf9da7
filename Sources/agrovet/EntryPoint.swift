import Application
import Dispatch
import Foundation
import MediaPipeline

/// Where the process begins: as a codec worker, or as whatever the command line says.
@main
enum EntryPoint {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == CodecIsolation.command {
            // Before anything else is set up: what is not there need not be locked away.
            CodecWorker.run(arguments: arguments.dropFirst())
        }
        // A log or an output that nobody reads any more must not end the server.
        signal(SIGPIPE, SIG_IGN)
        Task {
            await Agrovet.main()
            exit(EXIT_SUCCESS)
        }
        dispatchMain()
    }
}
