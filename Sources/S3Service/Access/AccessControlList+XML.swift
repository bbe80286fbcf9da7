import NIOCore
import S3Wire

extension AccessControlList {
    /// `<AccessControlPolicy>`; groups stand before users.
    package func xml(owner: String) -> ByteBuffer {
        var writer = XMLWriter(root: "AccessControlPolicy")
        writer.open("Owner")
        writer.element("ID", owner)
        writer.element("DisplayName", owner)
        writer.close("Owner")
        writer.open("AccessControlList")
        let (groups, users) = (grants.filter(\.grantee.isGroup), grants.filter { !$0.grantee.isGroup })
        for grant in groups + users {
            writer.open("Grant")
            writer.append(grant.grantee.xml)
            writer.element("Permission", grant.permission.rawValue)
            writer.close("Grant")
        }
        writer.close("AccessControlList")
        return writer.finish()
    }
}

extension AccessControlList.Grantee {
    fileprivate var isGroup: Bool {
        if case .group = self { true } else { false }
    }

    fileprivate var xml: XMLElement {
        func grantee(_ type: String, _ children: [XMLElement]) -> XMLElement {
            XMLElement(
                "Grantee", attributes: ["xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:type": type], children: children)
        }
        return switch self {
        case .user(let name): grantee("CanonicalUser", [XMLElement("ID", text: name), XMLElement("DisplayName", text: name)])
        case .group(let group): grantee("Group", [XMLElement("URI", text: group.rawValue)])
        }
    }
}
