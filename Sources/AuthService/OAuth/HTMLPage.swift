import HTTPTypes
import Hummingbird
import WebAPI

/// The few pages that OAuth needs: HTML without any script, in the reader's language.
struct HTMLPage: Sendable {
    let language: MailLanguage
    let title: String
    /// HTML.
    let body: String
    /// Where a form of the page may end up beside this server: the browser follows the answer's redirect only to there.
    var formTargets: [String] = []
    /// Reloads itself at once.
    var refresh: String?

    /// Text as HTML has it, also within quotes.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
            .replacing("'", with: "&#39;")
    }

    static func hidden(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "<input type=\"hidden\" name=\"\(escaped($0.name))\" value=\"\(escaped($0.value))\">" }.joined()
    }

    private static let style = """
        body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;background:#f4f6f1;color:#1d2a1c}
        main{max-width:26rem;margin:8vh auto;padding:2rem;background:#fff;border-radius:.8rem;box-shadow:0 1px 8px #0002}
        h1{font-size:1.35rem;margin-top:0}label{display:block;margin:.8rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;
        padding:.55rem;border:1px solid #8a9a87;border-radius:.4rem}button{font:inherit;padding:.6rem 1.2rem;border-radius:.4rem;
        border:1px solid #2c6b2f;background:#2c6b2f;color:#fff;margin:.6rem .6rem 0 0}button.plain{background:#fff;color:#2c6b2f}
        .problem{color:#9b1c1c}code{overflow-wrap:anywhere}
        """

    func response(_ status: HTTPResponse.Status) -> Response {
        let refreshTag = refresh.map { "<meta http-equiv=\"refresh\" content=\"0;url=\(Self.escaped($0))\">" } ?? ""
        let text = """
            <!doctype html><html lang="\(language.rawValue)"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">\(refreshTag)
            <title>\(Self.escaped(title)) · Agrovet</title><style>\(Self.style)</style></head><body><main>\(body)</main></body></html>
            """
        var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        response.headers[.contentType] = "text/html; charset=utf-8"
        response.headers[.cacheControl] = "no-store"
        // No script, nothing from elsewhere, in nobody's frame.
        response.headers[HTTPField.Name("Content-Security-Policy")!] =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "
            + formTargets.joined(separator: " ")
        response.headers[HTTPField.Name("X-Frame-Options")!] = "DENY"
        response.headers[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
        response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
        return response
    }
}
