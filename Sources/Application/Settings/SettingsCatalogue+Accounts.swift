import AuthService

/// Settings of accounts, sign-ins, tokens and mail.
extension SettingsCatalogue {
    // Accounts
    static let registration = Setting("registration", default: "true", .flag, "Let anybody make an account")
    static let registrationsPerAddress = Setting(
        "registrations-per-address", default: "20", .integer(1...1_000_000),
        "Accounts made from one address, and usernames asked for, in an hour before it has to wait")
    static let registrationsWait = Setting(
        "registrations-wait", default: "10s", .duration, "The first wait then; each further one is twice as long")
    static let keysPerUser = Setting("keys-per-user", default: "50", .integer(0...100_000), "API keys of one user")
    static let sessionsPerUser = Setting(
        "sessions-per-user", default: "100", .integer(1...1000), "Sessions of one user; the oldest ends where there would be more")
    static let totpName = Setting("totp-name", default: "Agrovet", .text, "What authenticator apps call this installation")

    // Passwords
    static let passwordLength = Setting("password-length", default: "8", .integer(1...128), "Characters that a new password has at least")
    static let passwordMemory = Setting(
        "password-memory", default: "19MiB", .bytes,
        "Memory that hashing a password takes (Argon2id); a password is hashed anew at a sign-in")
    static let passwordPasses = Setting("password-passes", default: "2", .integer(1...64), "Passes over that memory")
    static let passwordLanes = Setting("password-lanes", default: "1", .integer(1...64), "Lanes, and threads, of one hash")
    static let passwordHashes = Setting("password-hashes", default: "2", .integer(1...256), "Passwords hashed at once")
    static let passwordHashesWaiting = Setting(
        "password-hashes-waiting", default: "64", .integer(0...100_000), "Passwords that may wait to be hashed; more are answered 503")

    // Sign-ins
    static let signInAttempts = Setting(
        "sign-in-attempts", default: "5", .integer(1...1000), "Sign-ins to one account that may fail before each has to wait twice as long")
    static let signInAttemptsAddress = Setting(
        "sign-in-attempts-address", default: "30", .integer(1...1_000_000), "The same from one address, to whatever accounts")
    static let signInWait = Setting("sign-in-wait", default: "1s", .duration, "The first wait; each further one is twice as long")
    static let signInWaitLimit = Setting("sign-in-wait-limit", default: "15m", .duration, "The longest wait")
    static let signInMemory = Setting("sign-in-memory", default: "1h", .duration, "Time without a failure after which all are forgotten")
    static let signInFailureTime = Setting(
        "sign-in-failure-time", default: "300ms", .duration,
        "What a sign-in that fails takes, so that its time tells nothing; several times that where stored hashes take longer")

    // Tokens
    static let accessTokenLifetime = Setting("access-token-lifetime", default: "15m", .duration, "How long an access token works")
    static let refreshTokenLifetime = Setting(
        "refresh-token-lifetime", default: "30d", .duration, "How long a refresh token works; each use gives a new one")
    static let refreshOverlap = Setting(
        "refresh-overlap", default: "10s", .duration,
        "How long a refresh token that was just used gives the same again, where the answer got lost or it was sent twice; 0: never")
    static let tokenAlgorithm = Setting(
        "token-algorithm", default: "EdDSA", .oneOf(SigningAlgorithm.allCases.map(\.rawValue)), "How tokens are signed")
    static let tokenIssuer = Setting(
        "token-issuer", default: "", .origin, "What tokens say that they are from (iss); empty: public-url, or the server's own address")
    static let tokenAudience = Setting("token-audience", default: "agrovet", .text, "What access tokens are for (aud)")
    static let tokenKeyAge = Setting("token-key-age", default: "90d", .duration, "Age at which a new key begins to sign tokens")
    static let credentialRecheck = Setting(
        "credential-recheck", default: "5s", .duration,
        "How long an API key or a cookie is believed without a look at the database, where another process may have revoked it")

    // Where the auth service runs, for a process without it
    static let authURL = Setting("auth-url", default: "", .origin, "Address of the auth service where it runs in another process")
    static let authClient = Setting(
        "auth-client", default: "", .text, "OAuth client that this process asks it as, of the grant introspection")
    static let authSecret = Setting("auth-secret", default: "", .text, secret: true, "Secret of that client")
    static let authTimeout = Setting("auth-timeout", default: "5s", .duration, "How long it may take to answer")

    // Mail
    static let mailURL = Setting(
        "mail-url", default: "", .mailURL, secret: true,
        "SMTP server that mail goes to, smtp(s)://user:password@host:port; empty: files in the data folder's mail")
    static let mailFrom = Setting("mail-from", default: "Agrovet <no-reply@localhost>", .mailFrom, "Whom mail is from")
    static let mailSTARTTLS = Setting(
        "mail-starttls", default: "true", .flag, "Send no mail, and no password, to an smtp:// server that offers no TLS")
    static let mailCAFile = Setting(
        "mail-ca-file", default: "", .text,
        "PEM file of the authorities that the mail server's certificate may come from; empty: those that the system trusts")
    static let mailTimeout = Setting("mail-timeout", default: "60s", .duration, "How long sending one message may take")
    static let mailPatience = Setting("mail-patience", default: "2d", .duration, "How long a message is tried before it is given up")
    static let mailsPerAddress = Setting(
        "mails-per-address", default: "3", .integer(1...1000), "Messages that may be asked for to one address before each has to wait")
    static let mailsWait = Setting("mails-wait", default: "60s", .duration, "The first wait then; each further one is twice as long")
    static let resetLifetime = Setting("reset-lifetime", default: "1h", .duration, "How long a link to set a new password works")
    static let verifyLifetime = Setting("verify-lifetime", default: "3d", .duration, "How long a link to confirm an e-mail address works")

    static let accounts: [any AnySetting] = [
        registration, registrationsPerAddress, registrationsWait, keysPerUser, sessionsPerUser, totpName,
        passwordLength, passwordMemory, passwordPasses, passwordLanes, passwordHashes, passwordHashesWaiting,
        signInAttempts, signInAttemptsAddress, signInWait, signInWaitLimit, signInMemory, signInFailureTime,
        accessTokenLifetime, refreshTokenLifetime, refreshOverlap, tokenAlgorithm, tokenIssuer, tokenAudience, tokenKeyAge,
        credentialRecheck,
        authURL, authClient, authSecret, authTimeout,
        mailURL, mailFrom, mailSTARTTLS, mailCAFile, mailTimeout, mailPatience, mailsPerAddress, mailsWait,
        resetLifetime, verifyLifetime,
    ]
}

extension SettingKind where Value == SMTPAddress? {
    static var mailURL: Self {
        Self(form: "smtp(s)://user:password@host:port, or empty") { text in
            if text.isEmpty { return .some(nil) }
            return SMTPAddress(text).map { .some($0) }
        }
    }
}

extension SettingKind where Value == MailSenderName {
    static var mailFrom: Self { Self(form: "an address, or NAME <address>") { MailSenderName($0) } }
}
