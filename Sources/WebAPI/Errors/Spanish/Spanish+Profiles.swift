extension Translation {
    /// Sentences of profiles; those that the marketplace says too stand with it.
    static let spanishProfiles = [
        ("Enter a valid phone number.", "Introduzca un número de teléfono válido."),
        (
            "Enter a language as BCP 47 has it, such as es or es-CO.",
            "Introduzca un idioma según BCP 47, como es o es-CO."
        ),
        ("Enter a time zone, such as America/Bogota.", "Introduzca una zona horaria, como America/Bogota."),
        ("Hours need a time zone.", "El horario necesita una zona horaria."),
        ("Enter a time of the day, such as 08:30.", "Introduzca una hora del día, como 08:30."),
        ("The end has to be after the beginning.", "El final debe ser posterior al comienzo."),
        ("The hours of a day may not overlap.", "Los horarios de un día no pueden superponerse."),
        ("The year is in the future.", "El año está en el futuro."),
        ("You have a profile of this kind already.", "Ya tiene un perfil de este tipo."),
        (
            "The profile needs a licence number and a licensing body first.",
            "El perfil necesita primero un número de licencia y una entidad que la otorga."
        ),
        ("A rejection needs a reason.", "Un rechazo necesita un motivo."),
        ("The profile has another licence number by now.", "El perfil tiene ahora otro número de licencia."),
        ("The verification is {}; this cannot follow.", "La verificación está en estado {}; esto no puede seguir."),
        ("Your own profile is not for you to review.", "No puede reseñar su propio perfil."),
        ("You have reviewed this profile already.", "Ya reseñó este perfil."),
        ("Specialties may not be nested deeper.", "Las especialidades no pueden anidarse más."),
        ("A specialty cannot be below itself.", "Una especialidad no puede estar dentro de sí misma."),
        (
            "There are profiles or specialties with this specialty.",
            "Hay perfiles o especialidades con esta especialidad."
        ),
    ]
}
