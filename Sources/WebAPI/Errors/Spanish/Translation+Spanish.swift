extension Translation {
    /// Spanish, as Django says it where Django says the same.
    public static let spanish = Translation(
        language: "es",
        catalogue: [
            // Fields
            ("This field is required.", "Este campo es requerido."),
            ("This field may not be null.", "Este campo no puede ser nulo."),
            ("This field may not be blank.", "Este campo no puede estar en blanco."),
            ("Ensure this field has no more than {} characters.", "Asegúrese de que este campo no tenga más de {} caracteres."),
            ("Ensure this field has at least {} characters.", "Asegúrese de que este campo tenga al menos {} caracteres."),
            ("Ensure this value is greater than or equal to {}.", "Asegúrese de que este valor sea mayor o igual a {}."),
            ("Ensure this value is less than or equal to {}.", "Asegúrese de que este valor sea menor o igual a {}."),
            ("Ensure this value is from {} to {}.", "Asegúrese de que este valor esté entre {} y {}."),
            ("Not a valid string.", "No es una cadena válida."),
            ("A valid integer is required.", "Introduzca un número entero válido."),
            ("A valid number is required.", "Se requiere un número válido."),
            ("Must be a valid boolean.", "Debe ser un booleano válido."),
            ("Expected a list of items.", "Se esperaba una lista de elementos."),
            ("Invalid data. Expected a dictionary.", "Datos inválidos. Se esperaba un diccionario."),
            ("\"{}\" is not a valid choice.", "\"{}\" no es una elección válida."),
            (
                "\"{}\" is not one of the fields to order by: {}.",
                "\"{}\" no es uno de los campos por los que se puede ordenar: {}."
            ),
            ("These are the fields to order by: {}.", "Estos son los campos por los que se puede ordenar: {}."),
            ("Ensure this field has at least {} elements.", "Asegúrese de que este campo tenga al menos {} elementos."),
            ("Ensure this field has no more than {} elements.", "Asegúrese de que este campo no tenga más de {} elementos."),
            ("Null characters are not allowed.", "No se permiten caracteres nulos."),
            ("This field is not expected here.", "Este campo no se espera aquí."),
            ("The value has none of the forms that are allowed here.", "El valor no tiene ninguna de las formas permitidas aquí."),
            ("Must be a valid UUID.", "Debe ser un UUID válido."),
            (
                "Enter a valid date and time in ISO 8601, such as 2026-11-24T08:00:00Z.",
                "Introduzca una fecha y hora válidas en ISO 8601, como 2026-11-24T08:00:00Z."
            ),
            ("Enter a valid date in ISO 8601, such as 2026-11-24.", "Introduzca una fecha válida en ISO 8601, como 2026-11-24."),
            (
                "Enter a valid date or time in ISO 8601, such as 2026-11-24 or 2026-11-24T08:00:00Z.",
                "Introduzca una fecha u hora válida en ISO 8601, como 2026-11-24 o 2026-11-24T08:00:00Z."
            ),
            ("Enter a valid email address.", "Introduzca una dirección de correo electrónico válida."),
            ("Enter a valid URL.", "Introduzca una URL válida."),

            // Requests
            (
                "The request's headers are larger than this server accepts.",
                "Las cabeceras de la solicitud son mayores de lo que este servidor acepta."
            ),
            ("The request is not valid HTTP.", "La solicitud no es HTTP válido."),
            ("The file is not the one that the request is for.", "El archivo no es el de la solicitud."),
            ("Not found.", "No encontrado."),
            ("Invalid page.", "Página inválida."),
            ("Invalid cursor", "Cursor inválido"),
            ("Invalid input.", "Entrada inválida."),
            (
                "Authentication credentials were not provided.",
                "Las credenciales de autenticación no se proveyeron."
            ),
            ("The token is not valid.", "El token no es válido."),
            ("You do not have permission to perform this action.", "Usted no tiene permiso para realizar esta acción."),
            ("The credentials are not good for this.", "Las credenciales no sirven para esto."),
            (
                "A change made with the session cookie needs the header X-Requested-With.",
                "Un cambio hecho con la cookie de sesión necesita la cabecera X-Requested-With."
            ),
            ("Method \"{}\" not allowed.", "Método \"{}\" no permitido."),
            ("Could not satisfy the request Accept header.", "No se pudo satisfacer la cabecera de solicitud de Accept."),
            ("Unsupported media type \"{}\" in request.", "Tipo de medio \"{}\" incompatible en la solicitud."),
            (
                "The content is sent as it is here, not in the coding \"{}\" (Content-Encoding).",
                "Aquí el contenido se envía tal cual, no con la codificación \"{}\" (Content-Encoding)."
            ),
            ("JSON parse error: the body is not JSON.", "Error de análisis JSON: el cuerpo no es JSON."),
            ("JSON parse error: the body is not a JSON object.", "Error de análisis JSON: el cuerpo no es un objeto JSON."),
            ("The body is not what is expected here.", "El cuerpo no es lo que se espera aquí."),
            ("The form cannot be read, or says one thing twice.", "El formulario no se puede leer, o dice una cosa dos veces."),
            (
                "The query is not percent-encoded UTF-8, or has too many parameters.",
                "La consulta no es UTF-8 con codificación porcentual, o tiene demasiados parámetros."
            ),
            ("The request body ended early.", "El cuerpo de la solicitud terminó antes de tiempo."),
            (
                "The request body is larger than the {} bytes that the setting {} allows.",
                "El cuerpo de la solicitud supera los {} bytes que permite el ajuste {}."
            ),
            (
                "Request was throttled. Expected available in {} seconds.",
                "Solicitud fue regulada (throttled). Se espera que esté disponible en {} segundos."
            ),
            (
                "It was changed in the meantime. Load it again and repeat the change.",
                "Se cambió entretanto. Cárguelo de nuevo y repita el cambio."
            ),
            ("This Idempotency-Key was used for another request.", "Esta Idempotency-Key se usó para otra solicitud."),

            // The server
            ("The server is busy. Try again in a moment.", "El servidor está ocupado. Inténtelo de nuevo en un momento."),
            ("Nothing of this item has failed.", "Nada de este elemento ha fallado."),
            ("The server is shutting down.", "El servidor se está apagando."),
            (
                "The server has no room left on its disk. Nothing was stored; try again later.",
                "El servidor no tiene espacio en su disco. No se guardó nada; inténtelo más tarde."
            ),
            (
                "Something went wrong on the server. The request id {} finds it in the log.",
                "Algo salió mal en el servidor. El id de solicitud {} lo encuentra en el registro."
            ),
        ] + spanishAccounts + spanishMarketplace + spanishMedia + spanishFiles + spanishProfiles)
}
