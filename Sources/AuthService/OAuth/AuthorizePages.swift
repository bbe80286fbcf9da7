import WebAPI

/// What the pages of an authorization say, in English and Spanish.
struct AuthorizePages: Sendable {
    let language: MailLanguage

    private func say(_ english: String, _ spanish: String) -> String { language == .spanish ? spanish : english }
    private func html(_ text: String) -> String { HTMLPage.escaped(text) }

    func failure(_ text: String) -> HTMLPage {
        let title = say("This does not work", "Esto no funciona")
        return HTMLPage(language: language, title: title, body: "<h1>\(html(title))</h1><p class=\"problem\">\(html(text))</p>")
    }

    /// - Parameters:
    ///   - fields: repeat the request.
    ///   - problem: what was wrong with the sign-in before.
    func signIn(_ client: OAuthClient, _ fields: [(name: String, value: String)], problem: APIError?, asksCode: Bool) -> HTMLPage {
        let title = say("Sign in", "Iniciar sesión")
        let code =
            asksCode
            ? "<label>\(html(say("Code of your authenticator app", "Código de tu aplicación de autenticación")))"
                + "<input name=\"otp\" autocomplete=\"one-time-code\" inputmode=\"numeric\"></label>" : ""
        return HTMLPage(
            language: language, title: title,
            body: """
                <h1>\(html(title))</h1><p>\(html(say("to go on to", "para continuar a"))) <strong>\(html(client.name))</strong></p>
                \(problem.map { "<p class=\"problem\">\(html(words($0)))</p>" } ?? "")
                <form method="post" action="/oauth/authorize/">\(HTMLPage.hidden(fields))
                <label>\(html(say("Username or e-mail address", "Usuario o correo electrónico")))
                <input name="username" autocomplete="username" required></label>
                <label>\(html(say("Password", "Contraseña")))
                <input name="password" type="password" autocomplete="current-password" required></label>\(code)
                <button name="decision" value="sign_in">\(html(title))</button></form>
                """)
    }

    func consent(_ client: OAuthClient, _ user: User, _ scopes: [String], _ fields: [(name: String, value: String)]) -> HTMLPage {
        let title = say("Allow \(client.name)?", "¿Permitir \(client.name)?")
        let items = scopes.map { "<li>\(html(meaning($0)))</li>" }.joined()
        return HTMLPage(
            language: language, title: title,
            body: """
                <h1>\(html(title))</h1>
                <p>\(html(say("You are signed in as", "Has iniciado sesión como"))) <strong>\(html(user.username))</strong>.
                \(html(say("The application wants to:", "La aplicación quiere:")))</p><ul>\(items)</ul>
                <form method="post" action="/oauth/authorize/">\(HTMLPage.hidden(fields))
                <button name="decision" value="allow">\(html(say("Allow", "Permitir")))</button>
                <button class="plain" name="decision" value="deny">\(html(say("Refuse", "Rechazar")))</button></form>
                """)
    }

    /// Reloads itself, so that the browser sends the page's cookie, which it keeps back from a request that another site began.
    func hop(to address: String) -> HTMLPage {
        let title = say("One moment", "Un momento")
        return HTMLPage(
            language: language, title: title,
            body: "<p><a href=\"\(html(address))\">\(html(say("Go on", "Continuar")))</a></p>", refresh: address)
    }

    private func words(_ error: APIError) -> String {
        switch error.code {
        case "otp_required", "otp_invalid":
            say("A code of your authenticator app is needed.", "Falta el código de tu aplicación de autenticación.")
        case "throttled": say("Too many attempts. Wait a while.", "Demasiados intentos. Espera un poco.")
        default: say("The account or the password is not right.", "La cuenta o la contraseña no es correcta.")
        }
    }

    private func meaning(_ scope: String) -> String {
        switch scope {
        case "openid": say("know who you are here", "saber quién eres aquí")
        case "profile": say("see your name, username and roles", "ver tu nombre, usuario y roles")
        case "email": say("see your e-mail address", "ver tu correo electrónico")
        case "offline_access": say("go on when you are away", "seguir cuando no estés")
        case "media:read": say("see your photos and videos", "ver tus fotos y vídeos")
        case "media:write": say("upload, change and delete your photos and videos", "subir, cambiar y borrar tus fotos y vídeos")
        case "profiles:read": say("see your profiles", "ver tus perfiles")
        case "profiles:write": say("change your profiles", "cambiar tus perfiles")
        case "marketplace:read": say("see your ads and orders", "ver tus anuncios y pedidos")
        case "marketplace:write": say("post ads, buy and sell for you", "publicar anuncios, comprar y vender por ti")
        case "chat:read": say("read your messages", "leer tus mensajes")
        case "chat:write": say("write messages for you", "escribir mensajes por ti")
        case "foro:read": say("read the forum for you", "leer el foro por ti")
        case "foro:write": say("post in the forum for you", "publicar en el foro por ti")
        case Scopes.admin: say("do everything that you may do", "hacer todo lo que tú puedes hacer")
        default: scope
        }
    }
}
