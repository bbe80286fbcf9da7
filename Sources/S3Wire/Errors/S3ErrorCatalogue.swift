import HTTPTypes

/// The codes of the S3 API reference ("Error responses"), each with its status and a sentence.
extension S3Error {
    // MARK: Access

    public static let accessDenied = S3Error("AccessDenied", .forbidden, "Access Denied")
    public static let accountProblem = S3Error("AccountProblem", .forbidden, "There is a problem with the account.")
    public static let allAccessDisabled = S3Error("AllAccessDisabled", .forbidden, "All access to this resource has been disabled.")
    public static let authorizationHeaderMalformed = S3Error(
        "AuthorizationHeaderMalformed", .badRequest, "The authorization header that you provided is not valid.")
    public static let authorizationQueryParametersError = S3Error(
        "AuthorizationQueryParametersError", .badRequest,
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, "
            + "X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
    public static let credentialsNotSupported = S3Error(
        "CredentialsNotSupported", .badRequest, "This request does not support credentials.")
    public static let expiredToken = S3Error("ExpiredToken", .badRequest, "The provided token has expired.")
    public static let invalidAccessKeyID = S3Error(
        "InvalidAccessKeyId", .forbidden, "The AWS access key Id you provided does not exist in our records.")
    public static let invalidToken = S3Error("InvalidToken", .badRequest, "The provided token is malformed or otherwise not valid.")
    public static let missingSecurityHeader = S3Error("MissingSecurityHeader", .badRequest, "Your request is missing a required header.")
    public static let requestTimeTooSkewed = S3Error(
        "RequestTimeTooSkewed", .forbidden, "The difference between the request time and the current time is too large.")
    public static let signatureDoesNotMatch = S3Error(
        "SignatureDoesNotMatch", .forbidden,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.")

    // MARK: The request

    public static let ambiguousGrantByEmailAddress = S3Error(
        "AmbiguousGrantByEmailAddress", .badRequest, "The email address you provided is associated with more than one account.")
    public static let badDigest = S3Error(
        "BadDigest", .badRequest, "The Content-MD5 or checksum value that you specified did not match what the server received.")
    public static let badRequest = S3Error("BadRequest", .badRequest, "Bad Request")
    public static let contentSHA256Mismatch = S3Error(
        "XAmzContentSHA256Mismatch", .badRequest, "The provided 'x-amz-content-sha256' header does not match what was computed.")
    public static let entityTooLarge = S3Error(
        "EntityTooLarge", .badRequest, "Your proposed upload exceeds the maximum allowed object size.")
    public static let entityTooSmall = S3Error(
        "EntityTooSmall", .badRequest, "Your proposed upload is smaller than the minimum allowed object size.")
    public static let incompleteBody = S3Error(
        "IncompleteBody", .badRequest, "You did not provide the number of bytes specified by the Content-Length HTTP header.")
    public static let incorrectNumberOfFilesInPostRequest = S3Error(
        "IncorrectNumberOfFilesInPostRequest", .badRequest, "POST requires exactly one file upload per request.")
    public static let inlineDataTooLarge = S3Error("InlineDataTooLarge", .badRequest, "Inline data exceeds the maximum allowed size.")
    public static let invalidArgument = S3Error("InvalidArgument", .badRequest, "Invalid Argument")
    public static let invalidChunkSize = S3Error(
        "InvalidChunkSizeError", .badRequest, "Only the last chunk is allowed to have a size less than 8192 bytes.")
    public static let invalidDigest = S3Error("InvalidDigest", .badRequest, "The Content-MD5 or checksum value you specified is not valid.")
    public static let invalidEncryptionAlgorithm = S3Error(
        "InvalidEncryptionAlgorithmError", .badRequest, "The encryption request that you specified is not valid. The valid value is AES256."
    )
    public static let invalidPolicyDocument = S3Error(
        "InvalidPolicyDocument", .badRequest, "The content of the form does not meet the conditions specified in the policy document.")
    public static let invalidRange = S3Error("InvalidRange", .rangeNotSatisfiable, "The requested range is not satisfiable")
    public static let invalidRequest = S3Error("InvalidRequest", .badRequest, "Invalid Request")
    public static let invalidTag = S3Error("InvalidTag", .badRequest, "The tag provided was not a valid tag.")
    public static let invalidURI = S3Error("InvalidURI", .badRequest, "Couldn't parse the specified URI.")
    public static let keyTooLong = S3Error("KeyTooLongError", .badRequest, "Your key is too long.")
    public static let malformedACL = S3Error(
        "MalformedACLError", .badRequest, "The XML you provided was not well-formed or did not validate against our published schema.")
    public static let malformedPOSTRequest = S3Error(
        "MalformedPOSTRequest", .badRequest, "The body of your POST request is not well-formed multipart/form-data.")
    public static let malformedTrailer = S3Error(
        "MalformedTrailerError", .badRequest,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.")
    public static let malformedXML = S3Error(
        "MalformedXML", .badRequest, "The XML you provided was not well-formed or did not validate against our published schema.")
    public static let maxMessageLengthExceeded = S3Error("MaxMessageLengthExceeded", .badRequest, "Your request was too large.")
    public static let maxPostPreDataLengthExceeded = S3Error(
        "MaxPostPreDataLengthExceededError", .badRequest,
        "Your POST request fields preceding the upload file were too large.")
    public static let metadataTooLarge = S3Error(
        "MetadataTooLarge", .badRequest, "Your metadata headers exceed the maximum allowed metadata size.")
    public static let methodNotAllowed = S3Error(
        "MethodNotAllowed", .methodNotAllowed, "The specified method is not allowed against this resource.")
    public static let missingContentLength = S3Error(
        "MissingContentLength", .lengthRequired, "You must provide the Content-Length HTTP header.")
    public static let missingRequestBody = S3Error("MissingRequestBodyError", .badRequest, "Request body is empty.")
    public static let notImplemented = S3Error(
        "NotImplemented", .notImplemented, "A header or query you provided requests a function that is not implemented.")
    public static let notModified = S3Error("NotModified", .notModified, "Not Modified")
    public static let permanentRedirect = S3Error(
        "PermanentRedirect", .movedPermanently, "The bucket you are attempting to access must be addressed using the specified endpoint.")
    public static let preconditionFailed = S3Error(
        "PreconditionFailed", .preconditionFailed, "At least one of the preconditions you specified did not hold.")
    public static let requestHeaderSectionTooLarge = S3Error(
        "RequestHeaderSectionTooLarge", .badRequest, "Your request header section exceeds the maximum allowed request header section size.")
    public static let requestIsNotMultiPartContent = S3Error(
        "RequestIsNotMultiPartContent", .badRequest, "A bucket POST request must be of the enclosure-type multipart/form-data.")
    public static let requestTimeout = S3Error(
        "RequestTimeout", .badRequest, "Your socket connection to the server was not read from or written to within the timeout period.")
    public static let unexpectedContent = S3Error("UnexpectedContent", .badRequest, "This request contains unsupported content.")
    public static let unresolvableGrantByEmailAddress = S3Error(
        "UnresolvableGrantByEmailAddress", .badRequest, "The email address you provided does not match any account on record.")
    public static let userKeyMustBeSpecified = S3Error(
        "UserKeyMustBeSpecified", .badRequest,
        "The bucket POST request must contain the specified field name. If it is specified, check the order of the fields.")

    // MARK: Buckets

    public static let bucketAlreadyExists = S3Error(
        "BucketAlreadyExists", .conflict,
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system.")
    public static let bucketAlreadyOwnedByYou = S3Error(
        "BucketAlreadyOwnedByYou", .conflict, "Your previous request to create the named bucket succeeded and you already own it.")
    public static let bucketNotEmpty = S3Error("BucketNotEmpty", .conflict, "The bucket you tried to delete is not empty.")
    public static let illegalLocationConstraint = S3Error(
        "IllegalLocationConstraintException", .badRequest,
        "The location constraint is incompatible for the region specific endpoint this request was sent to.")
    public static let illegalVersioningConfiguration = S3Error(
        "IllegalVersioningConfigurationException", .badRequest, "The versioning configuration specified in the request is not valid.")
    public static let invalidBucketACLWithObjectOwnership = S3Error(
        "InvalidBucketAclWithObjectOwnership", .badRequest, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
    )
    public static let accessControlListNotSupported = S3Error(
        "AccessControlListNotSupported", .badRequest, "The bucket does not allow ACLs")
    public static let invalidBucketName = S3Error("InvalidBucketName", .badRequest, "The specified bucket is not valid.")
    public static let invalidBucketState = S3Error(
        "InvalidBucketState", .conflict, "The request is not valid for the current state of the bucket.")
    public static let invalidLocationConstraint = S3Error(
        "InvalidLocationConstraint", .badRequest, "The specified location constraint is not valid.")
    public static let malformedPolicy = S3Error("MalformedPolicy", .badRequest, "The policy is not in the valid JSON format.")
    public static let noSuchBucket = S3Error("NoSuchBucket", .notFound, "The specified bucket does not exist")
    public static let noSuchBucketPolicy = S3Error("NoSuchBucketPolicy", .notFound, "The bucket policy does not exist")
    public static let noSuchCORSConfiguration = S3Error(
        "NoSuchCORSConfiguration", .notFound, "The CORS configuration does not exist")
    public static let noSuchLifecycleConfiguration = S3Error(
        "NoSuchLifecycleConfiguration", .notFound, "The lifecycle configuration does not exist")
    public static let noSuchPublicAccessBlockConfiguration = S3Error(
        "NoSuchPublicAccessBlockConfiguration", .notFound, "The public access block configuration was not found")
    public static let noSuchTagSet = S3Error("NoSuchTagSet", .notFound, "The TagSet does not exist")
    public static let noSuchWebsiteConfiguration = S3Error(
        "NoSuchWebsiteConfiguration", .notFound, "The specified bucket does not have a website configuration")
    public static let objectLockConfigurationNotFound = S3Error(
        "ObjectLockConfigurationNotFoundError", .notFound, "Object Lock configuration does not exist for this bucket")
    public static let operationAborted = S3Error(
        "OperationAborted", .conflict, "A conflicting conditional action is currently in progress against this resource. Try again.")
    public static let ownershipControlsNotFound = S3Error(
        "OwnershipControlsNotFoundError", .notFound, "The bucket ownership controls were not found")
    public static let quotaExceeded = S3Error("QuotaExceeded", .forbidden, "The quota of the bucket is exceeded.")
    public static let replicationConfigurationNotFound = S3Error(
        "ReplicationConfigurationNotFoundError", .notFound, "The replication configuration was not found")
    public static let serverSideEncryptionConfigurationNotFound = S3Error(
        "ServerSideEncryptionConfigurationNotFoundError", .notFound, "The server side encryption configuration was not found")
    public static let tooManyBuckets = S3Error(
        "TooManyBuckets", .badRequest, "You have attempted to create more buckets than allowed.")

    // MARK: Objects

    public static let conditionalRequestConflict = S3Error(
        "ConditionalRequestConflict", .conflict, "A conflicting operation occurred. If using PutObject you can retry the request.")
    public static let invalidObjectState = S3Error(
        "InvalidObjectState", .forbidden, "The operation is not valid for the current state of the object.")
    public static let invalidPart = S3Error(
        "InvalidPart", .badRequest,
        "One or more of the specified parts could not be found. The part might not have been uploaded, or the specified entity tag might not "
            + "have matched the part's entity tag.")
    public static let invalidPartNumber = S3Error(
        "InvalidPartNumber", .rangeNotSatisfiable, "The requested partnumber is not satisfiable")
    public static let invalidPartOrder = S3Error(
        "InvalidPartOrder", .badRequest,
        "The list of parts was not in ascending order. The parts list must be specified in order by part number.")
    public static let invalidRetentionPeriod = S3Error(
        "InvalidRetentionPeriod", .badRequest, "The retention period specified is not valid.")
    public static let invalidStorageClass = S3Error(
        "InvalidStorageClass", .badRequest, "The storage class you specified is not valid")
    public static let noSuchKey = S3Error("NoSuchKey", .notFound, "The specified key does not exist.")
    public static let noSuchObjectLockConfiguration = S3Error(
        "NoSuchObjectLockConfiguration", .notFound, "The specified object does not have a ObjectLock configuration")
    public static let noSuchUpload = S3Error(
        "NoSuchUpload", .notFound,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
    public static let noSuchVersion = S3Error("NoSuchVersion", .notFound, "The specified version does not exist.")

    // MARK: The server

    public static let internalError = S3Error(
        "InternalError", .internalServerError, "We encountered an internal error. Please try again.")
    public static let serviceUnavailable = S3Error(
        "ServiceUnavailable", .serviceUnavailable, "Service is unable to handle request.")
    public static let slowDown = S3Error("SlowDown", .serviceUnavailable, "Please reduce your request rate.")
    public static let storageFull = S3Error(
        "InsufficientStorage", HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "There is no room left on the server.")
}
