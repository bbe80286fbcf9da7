extension Translation {
    /// Sentences of the marketplace.
    static let spanishMarketplace = [
        ("This field is required with {}.", "Este campo es requerido junto con {}."),
        ("Enter latitude and longitude in degrees, such as 4.711,-74.072.", "Introduzca latitud y longitud en grados, como 4.711,-74.072."),
        ("A category cannot be below itself.", "Una categoría no puede estar dentro de sí misma."),
        ("Object with slug={} does not exist.", "Objeto con slug={} no existe."),
        ("Invalid pk \"{}\" - object does not exist.", "Clave primaria \"{}\" inválida - objeto no existe."),
        ("The media item \"{}\" is private.", "El archivo \"{}\" es privado."),
        ("The media item \"{}\" could not be read.", "El archivo \"{}\" no se pudo leer."),
        ("The total is too large.", "El total es demasiado grande."),
        (
            "Enter a valid \"slug\" consisting of lower case letters, numbers and hyphens.",
            "Introduzca un \"slug\" válido, consistente en letras minúsculas, números y guiones."
        ),
        ("This field must be unique.", "Este campo debe ser único."),
        ("This variant does not exist.", "Esta variante no existe."),
        ("This variant stands here twice.", "Esta variante está aquí dos veces."),
        ("An item stands here twice.", "Un archivo está aquí dos veces."),
        (
            "Ensure that this is a quantity in {}, with {} decimal places at most.",
            "Asegúrese de que sea una cantidad en {}, con {} decimales como máximo."
        ),
        (
            "Ensure that this is an amount of {}, with {} decimal places at most.",
            "Asegúrese de que sea un importe en {}, con {} decimales como máximo."
        ),
        ("Latitude and longitude go together.", "La latitud y la longitud van juntas."),
        (
            "This ad has several variants: price, unit and stock are theirs.",
            "Este anuncio tiene varias variantes: precio, unidad y existencias son de ellas."
        ),
        ("This time has passed.", "Este momento ya pasó."),
        ("An ad that is {} cannot become {}.", "Un anuncio en estado {} no puede pasar a {}."),
        ("An order that is {} cannot become {}.", "Un pedido en estado {} no puede pasar a {}."),
        (
            "Order, amount or currency are not those of the payment.",
            "El pedido, el importe o la moneda no son los del pago."
        ),
        ("The message is larger than {} bytes.", "El mensaje supera los {} bytes."),
        ("The message is not signed as it has to be.", "El mensaje no está firmado como debe."),
        ("There are ads or categories in this category.", "Hay anuncios o categorías en esta categoría."),
        ("There is not so much left.", "No queda tanto."),
        ("This report is settled already.", "Esta denuncia ya está resuelta."),
        ("You cannot buy what you sell yourself.", "No puede comprar lo que usted mismo vende."),
        (
            "You have {} ads, as many as the setting adds-per-seller allows.",
            "Tiene {} anuncios, tantos como permite el ajuste adds-per-seller."
        ),
        (
            "You have {} saved searches, as many as the setting saved-searches allows.",
            "Tiene {} búsquedas guardadas, tantas como permite el ajuste saved-searches."
        ),
        ("You have reported this ad already.", "Ya denunció este anuncio."),
    ]
}
