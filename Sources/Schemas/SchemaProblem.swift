/// What is wrong with a value, in Django REST Framework's words; `code` is DRF's too.
public enum SchemaProblem: Error, Sendable, Hashable {
    case required
    case null
    case blank
    case tooLong(Int)
    case tooShort(Int)
    case tooSmall(String)
    case tooLarge(String)
    case notString
    case notInteger
    case notNumber
    case notBoolean
    case notList
    case notObject
    case invalidChoice(String)
    case invalidFormat(JSONSchema.Format)
    /// In the pattern's own words.
    case invalidForm(String)
    case tooFew(Int)
    case tooMany(Int)
    case nullCharacters
    case notExpected
    case noMatch

    public var message: String {
        switch self {
        case .required: "This field is required."
        case .null: "This field may not be null."
        case .blank: "This field may not be blank."
        case .tooLong(let limit): "Ensure this field has no more than \(limit) characters."
        case .tooShort(let limit): "Ensure this field has at least \(limit) characters."
        case .tooSmall(let limit): "Ensure this value is greater than or equal to \(limit)."
        case .tooLarge(let limit): "Ensure this value is less than or equal to \(limit)."
        case .notString: "Not a valid string."
        case .notInteger: "A valid integer is required."
        case .notNumber: "A valid number is required."
        case .notBoolean: "Must be a valid boolean."
        case .notList: "Expected a list of items."
        case .notObject: "Invalid data. Expected a dictionary."
        case .invalidChoice(let choice): "\"\(choice)\" is not a valid choice."
        case .invalidFormat(let format): format.complaint
        case .invalidForm(let complaint): complaint
        case .tooFew(let limit): "Ensure this field has at least \(limit) elements."
        case .tooMany(let limit): "Ensure this field has no more than \(limit) elements."
        case .nullCharacters: "Null characters are not allowed."
        case .notExpected: "This field is not expected here."
        case .noMatch: "The value has none of the forms that are allowed here."
        }
    }
}

extension JSONSchema.Format {
    fileprivate var complaint: String {
        switch self {
        case .uuid: "Must be a valid UUID."
        case .dateTime: "Enter a valid date and time in ISO 8601, such as 2026-11-24T08:00:00Z."
        case .date: "Enter a valid date in ISO 8601, such as 2026-11-24."
        case .email: "Enter a valid email address."
        case .uri: "Enter a valid URL."
        case .decimal: "A valid number is required."
        case .password, .binary: "Not a valid string."
        }
    }
}
