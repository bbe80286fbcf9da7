import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import WebAPI

/// Sends mail by SMTP (RFC 5321), over TLS: from the first byte, or by STARTTLS (RFC 3207). A connection for each message: there are few.
public struct SMTPClient: MailTransport {
    private let address: SMTPAddress
    private let requiresTLS: Bool
    private let timeout: Duration
    private let tls: NIOSSLContext

    /// - Parameters:
    ///   - requiresTLS: whether a message, and the password, may not go where the server offers no TLS.
    ///   - authorities: a PEM file of authorities that the server's certificate may come from; empty for those that the system trusts.
    ///   - timeout: for one message in all.
    /// - Throws: where the file cannot be read.
    public init(address: SMTPAddress, requiresTLS: Bool, authorities: String, timeout: Duration) throws {
        self.address = address
        self.requiresTLS = requiresTLS
        self.timeout = timeout
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if !authorities.isEmpty { configuration.trustRoots = .file(authorities) }
        tls = try NIOSSLContext(configuration: configuration)
    }

    public func send(_ message: String, id: String, from: String, to recipient: String) async throws {
        try await withTimeLimit(timeout, else: MailFailure.temporary("the server took longer than \(timeout)")) {
            do {
                try await exchange(message, from: from, to: recipient)
            } catch let failure as MailFailure {
                throw failure
            } catch {
                throw MailFailure.temporary("\(error)")
            }
        }
    }

    private func exchange(_ message: String, from: String, to recipient: String) async throws {
        let (tls, isImplicit, name) = (tls, address.isImplicitTLS, Self.serverName(address.host))
        let channel = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .connectTimeout(TimeAmount(timeout))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isImplicit {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var line = SMTPLine(replies: SMTPReplies(), inbound: inbound.makeAsyncIterator(), outbound: outbound)
            _ = try await line.expect([220])
            var offers = try await hello(&line)
            var isSecure = isImplicit
            if !isSecure, offers.contains("STARTTLS") {
                _ = try await line.command("STARTTLS", [220])
                guard line.isEmpty else { throw MailFailure.temporary("the server spoke between STARTTLS and TLS") }
                try await channel.channel.eventLoop.submit {
                    let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
                    try channel.channel.pipeline.syncOperations.addHandler(handler, position: .first)
                }.get()
                isSecure = true
                // What was said before TLS is not to be believed.
                offers = try await hello(&line)
            }
            guard isSecure || !requiresTLS else {
                throw MailFailure.temporary("the server offers no STARTTLS, which mail-starttls asks for")
            }
            if let credentials = address.credentials { try await authenticate(credentials, offers, &line) }
            _ = try await line.command("MAIL FROM:<\(from)>", [250])
            _ = try await line.command("RCPT TO:<\(recipient)>", [250, 251])
            _ = try await line.command("DATA", [354])
            _ = try await line.command(Self.dotStuffed(message) + ".", [250])
            // The message is the server's now, whatever comes of the farewell.
            _ = try? await line.command("QUIT", [221])
        }
    }

    /// - Returns: the extensions that the server offers, in upper case.
    private func hello(_ line: inout SMTPLine) async throws -> [String] {
        let reply = try await line.command("EHLO \(Self.ownName)", [250])
        return reply.lines.dropFirst().map { $0.uppercased() }
    }

    private func authenticate(_ credentials: SMTPAddress.Credentials, _ offers: [String], _ line: inout SMTPLine) async throws {
        let ways = offers.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").dropFirst() ?? []
        if ways.contains("PLAIN") {
            let text = Data("\0\(credentials.user)\0\(credentials.password)".utf8).base64EncodedString()
            _ = try await line.command("AUTH PLAIN \(text)", [235])
        } else if ways.contains("LOGIN") {
            _ = try await line.command("AUTH LOGIN", [334])
            _ = try await line.command(Data(credentials.user.utf8).base64EncodedString(), [334])
            _ = try await line.command(Data(credentials.password.utf8).base64EncodedString(), [235])
        } else {
            throw MailFailure.temporary("the server offers neither AUTH PLAIN nor AUTH LOGIN")
        }
    }

    /// RFC 5321 section 4.5.2. Ends with a line break.
    package static func dotStuffed(_ message: String) -> String {
        let text = message.hasPrefix(".") ? "." + message : message
        let stuffed = text.replacing("\r\n.", with: "\r\n..")
        return stuffed.hasSuffix("\r\n") ? stuffed : stuffed + "\r\n"
    }

    /// TLS has no names for addresses.
    private static func serverName(_ host: String) -> String? { (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil }

    /// What this host calls itself, as far as it is a name (RFC 5321 section 4.1.4 asks for no more).
    private static let ownName: String = {
        let name = ProcessInfo.processInfo.hostName
        return name.wholeMatch(of: /[A-Za-z0-9.-]{1,255}/) == nil ? "localhost" : name
    }()
}

/// Commands and their replies on one connection.
private struct SMTPLine {
    var replies: SMTPReplies
    var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    var isEmpty: Bool { replies.isEmpty }

    mutating func command(_ text: String, _ expected: Set<Int>) async throws -> SMTPReplies.Reply {
        try await outbound.write(ByteBuffer(string: text + "\r\n"))
        return try await expect(expected)
    }

    mutating func expect(_ codes: Set<Int>) async throws -> SMTPReplies.Reply {
        while true {
            if let reply = try replies.next() {
                if codes.contains(reply.code) { return reply }
                // The server's words, which may repeat an address, are not kept.
                let said = "the server answered \(reply.code)"
                throw reply.code >= 500 ? MailFailure.permanent(said) : MailFailure.temporary(said)
            }
            guard let bytes = try await inbound.next() else { throw MailFailure.temporary("the server closed the connection") }
            replies.append(bytes.readableBytesView)
        }
    }
}
