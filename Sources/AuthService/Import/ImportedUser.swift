import Foundation
import WebAPI

/// An account of another system, as an export of it tells.
package struct ImportedUser: Sendable, Equatable {
    /// What the other system called it by; printed beside the new id.
    package var key = ""
    package var username = ""
    package var email = ""
    package var firstName = ""
    package var lastName = ""
    /// A hash as Django writes it; empty for none.
    package var password = ""
    package var roles: Set<Role> = [.consumer]
    package var isActive = true
    /// Milliseconds since 1970.
    package var created: Int64?
    package var lastLogin: Int64?

    package init() {}

    /// Why a file cannot be read.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// A role by its name, whatever its case; Spanish words and Django's groups among them.
    static func role(_ name: String) -> Role? {
        switch name.lowercased() {
        case "consumer", "consumidor", "consumers": .consumer
        case "specialist", "especialista", "specialists": .specialist
        case "businessman", "empresario", "businessmen": .businessman
        case "staff", "admin", "administrador": .staff
        default: nil
        }
    }

    /// Reads a file of either kind, told by how it begins.
    package static func parse(_ data: Data) throws(Failure) -> [ImportedUser] {
        let first = data.first { !" \t\r\n".utf8.contains($0) && $0 < 0x80 }
        return first == UInt8(ascii: "[") ? try DjangoFixture.users(data) : try UserTableFile.users(data)
    }
}
