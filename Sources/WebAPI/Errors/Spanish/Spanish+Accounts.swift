extension Translation {
    /// Sentences of accounts and signing in.
    static let spanishAccounts = [
        ("A user with that username already exists.", "Ya existe un usuario con este nombre."),
        ("A user with that email address already exists.", "Ya existe un usuario con esta dirección de correo."),
        (
            "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
            "Introduzca un nombre de usuario válido. Este valor puede contener únicamente letras, números y los caracteres @/./+/-/_."
        ),
        (
            "An e-mail address can be a username only where it is the account's own.",
            "Una dirección de correo solo puede ser nombre de usuario si es la de la propia cuenta."
        ),
        ("The password is too similar to the {}.", "La contraseña es demasiado similar a: {}."),
        (
            "This password is too short. It must contain at least {} characters.",
            "Esta contraseña es demasiado corta. Debe contener al menos {} caracteres."
        ),
        (
            "This password is too long. It must contain at most {} characters.",
            "Esta contraseña es demasiado larga. Debe contener como máximo {} caracteres."
        ),
        ("This password is too common.", "Esta contraseña es demasiado común."),
        ("This password is entirely numeric.", "Esta contraseña es completamente numérica."),
        ("The password is not correct.", "La contraseña no es correcta."),
        (
            "No active account found with the given credentials",
            "No se encontró una cuenta activa con las credenciales proporcionadas"
        ),
        ("A code of the authenticator app is required.", "Se requiere un código de la aplicación de autenticación."),
        ("The code is not valid, or was used already.", "El código no es válido o ya se ha usado."),
        (
            "The link is not valid, was used already, or has expired.",
            "El enlace no es válido, ya se ha usado o ha caducado."
        ),
        ("The refresh token is not valid, or has expired.", "El token de renovación no es válido o ha caducado."),
        ("There is no e-mail address to confirm.", "No hay ninguna dirección de correo que confirmar."),
        (
            "Accounts are made by the staff of this installation.",
            "Las cuentas las crea el personal de esta instalación."
        ),
        ("Too many sign-ins at once. Try again in a moment.", "Demasiados inicios de sesión a la vez. Inténtelo de nuevo en un momento."),
    ]
}
