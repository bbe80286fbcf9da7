import Schemas

/// Those who answer with JSON need no other import for it.
public typealias JSONText = Schemas.JSONText
