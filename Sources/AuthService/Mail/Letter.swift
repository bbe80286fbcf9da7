/// What this service writes to people, in their language. A link carries its secret behind `#`, which no server and no log ever sees.
package enum Letter: Sendable {
    /// To the address of a new account, or of one that has changed it.
    case verify(name: String, link: String, hours: Int)
    /// To an address that somebody registered with though it is another account's.
    case alreadyRegistered(name: String, link: String)
    case reset(name: String, link: String, minutes: Int)
    case passwordChanged(name: String)

    package func text(_ language: MailLanguage) -> (subject: String, body: String) {
        switch (self, language) {
        case (.verify(let name, let link, let hours), .english):
            (
                "Confirm your e-mail address",
                """
                Hello \(name),

                please confirm that this e-mail address is yours, signed in as \(name). The link works for \(hours) hours:

                \(link)

                If you have not registered with Agrovet, there is nothing to do.
                """
            )
        case (.verify(let name, let link, let hours), .spanish):
            (
                "Confirma tu correo electrónico",
                """
                Hola, \(name):

                Entra como \(name) y confirma que esta dirección de correo es tuya. El enlace funciona durante \(hours) horas:

                \(link)

                Si no te has registrado en Agrovet, no tienes que hacer nada.
                """
            )
        case (.alreadyRegistered(let name, let link), .english):
            (
                "You have an account already",
                """
                Hello \(name),

                somebody, perhaps you, has registered with this e-mail address, which belongs to your account \(name). The new account
                does not get the address. If you have forgotten your password, ask for a new one here:

                \(link)

                If it was not you, there is nothing to do.
                """
            )
        case (.alreadyRegistered(let name, let link), .spanish):
            (
                "Ya tienes una cuenta",
                """
                Hola, \(name):

                Alguien, quizá tú, se ha registrado con esta dirección de correo, que pertenece a tu cuenta \(name). La cuenta nueva no
                recibe la dirección. Si has olvidado tu contraseña, pide una nueva aquí:

                \(link)

                Si no has sido tú, no tienes que hacer nada.
                """
            )
        case (.reset(let name, let link, let minutes), .english):
            (
                "Set a new password",
                """
                Hello \(name),

                here you can set a new password for your account. The link works once, for \(minutes) minutes:

                \(link)

                If you have not asked for it, there is nothing to do: your password stays as it is.
                """
            )
        case (.reset(let name, let link, let minutes), .spanish):
            (
                "Elige una contraseña nueva",
                """
                Hola, \(name):

                Aquí puedes elegir una contraseña nueva para tu cuenta. El enlace funciona una sola vez, durante \(minutes) minutos:

                \(link)

                Si no la has pedido, no tienes que hacer nada: tu contraseña sigue siendo la misma.
                """
            )
        case (.passwordChanged(let name), .english):
            (
                "Your password was changed",
                """
                Hello \(name),

                the password of your account was changed just now, and your other sessions were ended.

                If it was not you, set a new password at once.
                """
            )
        case (.passwordChanged(let name), .spanish):
            (
                "Tu contraseña ha cambiado",
                """
                Hola, \(name):

                La contraseña de tu cuenta acaba de cambiar y tus otras sesiones se han cerrado.

                Si no has sido tú, elige una contraseña nueva ahora mismo.
                """
            )
        }
    }
}
