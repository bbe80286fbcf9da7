import Foundation
import WebAPI

/// Accounts in a CSV file (RFC 4180) whose first line names the columns.
package enum UserTableFile {
    private static let known: Set = [
        "id", "username", "email", "first_name", "last_name", "password", "role", "roles", "is_active", "is_staff", "date_joined",
        "last_login",
    ]

    /// - Throws: `ImportedUser.Failure` where the text is no table with the column `username`.
    static func users(_ data: Data) throws(ImportedUser.Failure) -> [ImportedUser] {
        guard let text = String(validating: data, as: UTF8.self) else { throw ImportedUser.Failure(description: "the file is not UTF-8") }
        let rows = try records(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
        guard let header = rows.first?.map({ $0.trimmingCharacters(in: .whitespaces).lowercased() }), header.contains("username") else {
            throw ImportedUser.Failure(description: "the first line names no column username")
        }
        if let unknown = header.first(where: { !known.contains($0) }) {
            throw ImportedUser.Failure(description: "there is no column \(unknown); there are: \(known.sorted().joined(separator: ", "))")
        }
        var users: [ImportedUser] = []
        for (index, row) in rows.dropFirst().enumerated() {
            guard row.count == header.count else {
                throw ImportedUser.Failure(description: "record \(index + 1) has \(row.count) fields in place of \(header.count)")
            }
            users.append(user(Dictionary(zip(header, row)) { first, _ in first }))
        }
        return users
    }

    private static func user(_ row: [String: String]) -> ImportedUser {
        func flag(_ name: String, _ fallback: Bool) -> Bool {
            guard let text = row[name], !text.isEmpty else { return fallback }
            return ["true", "t", "1", "yes"].contains(text.lowercased())
        }
        var user = ImportedUser()
        user.key = row["id"] ?? ""
        user.username = row["username"] ?? ""
        user.email = row["email"] ?? ""
        user.firstName = row["first_name"] ?? ""
        user.lastName = row["last_name"] ?? ""
        user.password = row["password"] ?? ""
        user.isActive = flag("is_active", true)
        user.created = row["date_joined"].flatMap { Timestamp.milliseconds($0) }
        user.lastLogin = row["last_login"].flatMap { Timestamp.milliseconds($0) }
        let names = (row["roles"] ?? row["role"] ?? "").split { $0 == " " || $0 == ";" }.map(String.init)
        var roles = Set(names.compactMap(ImportedUser.role))
        if flag("is_staff", false) { roles.insert(.staff) }
        user.roles = roles.isEmpty ? [.consumer] : roles
        return user
    }

    /// Records of fields; a quoted one may hold commas, line breaks, and quotes as two.
    package static func records(_ text: String) throws(ImportedUser.Failure) -> [[String]] {
        var (records, record, field): ([[String]], [String], [UInt8]) = ([], [], [])
        var (isQuoted, wasQuoted) = (false, false)
        func end(_ field: [UInt8]) -> String { String(decoding: field, as: UTF8.self) }
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                    field.append(byte)
                    index += 1
                } else {
                    (isQuoted, wasQuoted) = (false, true)
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: isQuoted = true
            case UInt8(ascii: ","):
                record.append(end(field))
                (field, wasQuoted) = ([], false)
            case UInt8(ascii: "\r"): continue
            case UInt8(ascii: "\n"):
                record.append(end(field))
                if record != [""] { records.append(record) }
                (record, field, wasQuoted) = ([], [], false)
            default:
                guard !wasQuoted else { throw ImportedUser.Failure(description: "record \(records.count): text behind a closing quote") }
                field.append(byte)
            }
        }
        guard !isQuoted else { throw ImportedUser.Failure(description: "a quote is not closed") }
        if !field.isEmpty || !record.isEmpty || wasQuoted { records.append(record + [end(field)]) }
        return records
    }
}
