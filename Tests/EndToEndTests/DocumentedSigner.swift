import Crypto
import Foundation

func imageURL(base: String, key: String, mediaID: String, operations: String, ext: String = "auto", expiresIn: Int? = nil) -> String {
    let expiry = expiresIn.map { ",expires:\(Int(Date().timeIntervalSince1970) + $0)" } ?? ""
    let path = "/\(operations)\(expiry)/\(mediaID).\(ext)"
    let code = HMAC<SHA256>.authenticationCode(for: Data(path.utf8), using: SymmetricKey(data: Data(key.utf8)))
    let text = Data(code).base64EncodedString()
        .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    return "\(base)/img/\(text)\(path)"
}
