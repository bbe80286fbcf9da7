import Foundation
import Logging
import Testing
import WebAPI

@Suite struct JSONLogHandlerTests {
    @Test func aLogThatCannotBeWrittenIsLostAndTheProcessLives() async {
        await #expect(processExitsWith: .success) {
            let full = open("/dev/full", O_WRONLY)
            guard full >= 0, dup2(full, STDERR_FILENO) >= 0 else { exit(2) }
            JSONLogHandler(label: "test", level: .info).log(
                event: LogEvent(
                    level: .error, message: "lost", metadata: nil, source: "test", file: #fileID, function: #function, line: #line))
            exit(EXIT_SUCCESS)
        }
    }
}
