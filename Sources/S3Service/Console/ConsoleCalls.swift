import Hummingbird
import WebAPI

extension Call {
    /// A parameter that the endpoint demands.
    /// - Throws: `APIError` 400.
    func required(_ name: String) throws(APIError) -> String {
        guard let value = parameters.string(name) else { throw .invalid(name, "This field is required.") }
        return value
    }

    /// Entries on a page of an endless list.
    func pageSize(limit: Int) -> Int { min(parameters.integer("page_size") ?? 100, limit) }
}

extension StorageConsole {
    /// The address of the same list with other parameters.
    func link(_ call: Call, _ values: [(name: String, value: String)]) -> String {
        let names = Set(values.map(\.name))
        let kept = (WebAPI.FormFields.decode(call.request.uri.query ?? "") ?? []).filter { !names.contains($0.name) }
        return call.request.base(publicURL: settings.publicURL) + call.request.uri.path + "?" + WebAPI.FormFields.encode(kept + values)
    }
}

extension Response {
    /// What is true now and may be secret.
    static func unkept(_ json: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .json(status, json, headers: [.cacheControl: "no-store"])
    }
}
