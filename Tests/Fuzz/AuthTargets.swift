import AuthService
import Foundation
import WebAPI

extension FuzzTarget {
    static let auth = [signedTokens, storedPasswords, smtpReplies, userImports, authorizationRequests, forms, mailMessages]

    /// Nothing that was not signed is a token; what is taken apart has the parts of a token.
    private static let signedTokens = FuzzTarget(
        name: "signed-tokens",
        seeds: texts(
            "eyJhbGciOiJFZERTQSIsImtpZCI6ImEiLCJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJhIn0.c2ln", "e30.e30.", "..",
            "eyJhbGciOiJub25lIiwia2lkIjoiIn0.e30."),
        words: [".", "eyJ", "bm9uZQ", "=", "-_", "e30"]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let token = SignedToken(text) else { return 0 }
        guard text.split(separator: ".", omittingEmptySubsequences: false).count == 3 else {
            throw Contradiction("\(text) has no three parts")
        }
        return kind("\(token.algorithm.isEmpty) \(token.type == nil) \(token.payload.count)")
    }

    /// A text that is no hash fits no password; the costs that a text asks for are bounded before they are paid.
    private static let storedPasswords = FuzzTarget(
        name: "stored-passwords",
        seeds: texts(
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
            "pbkdf2_sha256$1$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdA$aA", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "!"),
        words: ["$", "m=", "t=", ",p=", "v=19", "bcrypt$", "$2b$04$", "99999999999999999999"]
    ) { input in
        var text = String(decoding: input, as: UTF8.self)
        // What costs a second is right, and no finding.
        text = text.replacing(/[0-9]{3,}/, with: "99").replacing(/\$1[0-9]\$/, with: "$04$")
        let stored = StoredPassword(text)
        guard stored.isUsable else {
            if stored.matches("password") { throw Contradiction("\(text) fits a password and is not usable") }
            return 0
        }
        return kind("\(stored.matches("password")) \(text.prefix(6))")
    }

    /// In one piece and in pieces replies are the same.
    private static let smtpReplies = FuzzTarget(
        name: "smtp-replies", seeds: texts("220 hi\r\n250-a\r\n250-SIZE 1\r\n250 STARTTLS\r\n", "354 go\n550 5.1.1 no\r\n"),
        words: ["\r\n", "\n", "250-", "250 ", "999", "-", "2"]
    ) { input in
        func read(by size: Int) -> String {
            var replies = SMTPReplies()
            var text = ""
            var rest = input[...]
            do {
                while !rest.isEmpty {
                    replies.append(rest.prefix(size))
                    rest = rest.dropFirst(size)
                    while let reply = try replies.next() { text += "\(reply.code):\(reply.lines.count);" }
                }
            } catch { text += "\(error)" }
            return text
        }
        let (whole, pieces) = (read(by: max(1, input.count)), read(by: 1))
        // A line that is too long is noticed earlier in pieces than behind the end of its line.
        guard whole == pieces || pieces.hasSuffix("tooLong") || whole.hasSuffix("tooLong") else {
            throw Contradiction("in one piece \(whole), in pieces \(pieces)")
        }
        return kind(whole)
    }

    private static let userImports = FuzzTarget(
        name: "user-imports",
        seeds: texts(
            "username,email,roles\r\nana,a@b.org,\"Specialist;Staff\"\r\n", "\u{FEFF}username\n\"a\"\"b\n\"\n",
            #"[{"model":"auth.user","pk":1,"fields":{"username":"a","password":"!","groups":[1,["x"]],"date_joined":"2020-01-01T00:00:00Z"}}]"#
        ),
        words: ["\"", "\"\"", ",", "\r\n", "username", "[", "{\"fields\":", "null", "\"groups\":", "1e999"]
    ) { input in
        do { return kind("\(try ImportedUser.parse(Data(input)).count)") } catch { return kind("\(error)".replacing(/[0-9]+/, with: "")) }
    }

    /// Who goes anywhere goes where the client has said before; a request that is repeated is the same.
    private static let authorizationRequests = FuzzTarget(
        name: "authorization-requests",
        seeds: texts(
            "response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fa.example%2Fb&scope=openid&state=s&nonce=n"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&prompt=login&max_age=5"),
        words: ["&", "=", "%2F", "redirect_uri=", "client_id=c", "%00", "+", "%", "https%3A%2F%2Fa.example%2Fb"]
    ) { input in
        let client = OAuthClient(
            id: "c", name: "c", secretDigest: "", redirectURIs: ["https://a.example/b"], grants: [.authorizationCode], scopes: ["openid"],
            created: 0)
        guard let fields = FormFields.decode(String(decoding: input, as: UTF8.self)) else { return 0 }
        do {
            let request = try AuthorizationRequest(fields, client: client)
            guard request.redirectURI == "https://a.example/b" else { throw Contradiction("it goes to \(request.redirectURI)") }
            let again = try AuthorizationRequest(request.fields, client: client)
            guard FormFields.encode(again.fields) == FormFields.encode(request.fields) else {
                throw Contradiction("repeated it is another")
            }
            return kind("\(request.state == nil) \(request.nonce == nil) \(request.prompt.count)")
        } catch let failure as AuthorizationRequest.Failure {
            if case .redirected(let address, let code, _, _) = failure {
                guard address == "https://a.example/b" else { throw Contradiction("it goes to \(address)") }
                return kind(code)
            }
            return 1
        }
    }

    /// What is written is read as the same.
    private static let forms = FuzzTarget(
        name: "forms", seeds: texts("a=1&b=%C3%B1+x&&c", "=&=="), words: ["&", "=", "+", "%20", "%", "%FF"]
    ) { input in
        guard let pairs = FormFields.decode(String(decoding: input, as: UTF8.self)) else { return 0 }
        guard let again = FormFields.decode(FormFields.encode(pairs)), again.map(\.name) == pairs.map(\.name),
            again.map(\.value) == pairs.map(\.value)
        else { throw Contradiction("written and read again it is another") }
        return pairs.count
    }

    /// Nothing of a message's parts becomes a header or ends the message.
    private static let mailMessages = FuzzTarget(
        name: "mail-messages", seeds: texts("Hola\n.\nñandú =\t x", "\r\nBcc: x@y.org\r\n\r\n.\r\n"),
        words: ["\r\n", "\n", ".", "=?utf-8?", "ñ", "\u{1F404}"]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let from = MailSenderName("Agrovet <no-reply@example.org>") else { return 0 }
        let message = MailMessage(
            id: "id", from: from, to: "a@b.org", language: .spanish, subject: text, body: text, date: Date(timeIntervalSince1970: 0))
        guard message.text.utf8.allSatisfy({ $0 < 0x80 && ($0 >= 0x20 || $0 == 0x0D || $0 == 0x0A) }) else {
            throw Contradiction("bytes that no mail has")
        }
        let head = message.text.prefix(upTo: message.text.range(of: "\r\n\r\n")!.lowerBound)
        let names = head.components(separatedBy: "\r\n").filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != ":" }) }
        guard names.count == 10, Set(names).count == 10, !names.contains("Bcc") else { throw Contradiction("headers \(names)") }
        let stuffed = SMTPClient.dotStuffed(message.text)
        guard !stuffed.contains("\r\n.\r\n"), !stuffed.hasPrefix(".\r\n") else { throw Contradiction("the message ends early") }
        return kind("\(message.text.count / 64)")
    }
}
