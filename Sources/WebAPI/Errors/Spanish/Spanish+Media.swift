extension Translation {
    /// Sentences of media, of the storage console and of events.
    static let spanishMedia: [(String, String)] = [
        // Uploads
        ("No file was submitted.", "No se envió ningún archivo."),
        ("The submitted file is empty.", "El archivo enviado está vacío."),
        ("Files are taken in the field \"file\" only.", "Los archivos solo se aceptan en el campo \"file\"."),
        ("Ensure this field has no more than {} bytes.", "Asegúrese de que este campo no tenga más de {} bytes."),
        (
            "Unsupported media type \"{}\" in request; send {}.",
            "Tipo de medio \"{}\" incompatible en la solicitud; envíe {}."
        ),
        ("The signature is not valid.", "La firma no es válida."),
        ("The address has expired.", "La dirección ha caducado."),
        ("The address takes one upload, and has had it.", "La dirección admite una sola carga, y ya la tuvo."),
        (
            "The file is larger than the {} bytes that this address allows.",
            "El archivo supera los {} bytes que permite esta dirección."
        ),
        ("The file is {}, not {}.", "El archivo es {}, no {}."),
        (
            "The file is larger than the {} bytes that the setting upload-limit (AGROVET_UPLOAD_LIMIT) allows.",
            "El archivo supera los {} bytes que permite el ajuste upload-limit (AGROVET_UPLOAD_LIMIT)."
        ),
        (
            "Too many files are being fetched. Try again in a moment.",
            "Se están trayendo demasiados archivos. Inténtelo de nuevo en un momento."
        ),
        (
            "Importing by URL is turned off on this server (setting import).",
            "La importación por URL está desactivada en este servidor (ajuste import)."
        ),
        ("{}The file is infected ({}). Nothing was stored.", "{}El archivo está infectado ({}). No se guardó nada."),
        (
            "The file is larger than the virus scanner takes (StreamMaxLength of clamd.conf). Nothing was stored.",
            "El archivo es mayor de lo que admite el antivirus (StreamMaxLength de clamd.conf). No se guardó nada."
        ),
        (
            "The virus scanner does not answer, so nothing is taken. Try again in a moment.",
            "El antivirus no responde, así que no se acepta nada. Inténtelo de nuevo en un momento."
        ),

        (
            "Multipart form parse error: the Content-Type has no valid boundary.",
            "Error al leer el formulario: el Content-Type no tiene un boundary válido."
        ),
        ("Multipart form parse error: more than {} parts.", "Error al leer el formulario: más de {} partes."),
        (
            "Multipart form parse error: a part's header is longer than {} bytes.",
            "Error al leer el formulario: la cabecera de una parte supera los {} bytes."
        ),
        (
            "Multipart form parse error: the body ends before its closing boundary.",
            "Error al leer el formulario: el cuerpo termina antes de su boundary final."
        ),
        ("Multipart form parse error: {}.", "Error al leer el formulario: {}."),
        ("Only http and https are fetched.", "Solo se trae de http y https."),
        ("A URL with a user name or password is not fetched.", "No se trae de una URL con nombre de usuario o contraseña."),
        (
            "This port is not among those that are fetched from (setting import-ports).",
            "Este puerto no está entre los que se admiten (ajuste import-ports)."
        ),
        ("Nothing can be fetched from this address.", "De esta dirección no se puede traer nada."),
        ("The server there answered with status {}.", "El servidor de allí respondió con el estado {}."),
        ("The address leads on more than {} times.", "La dirección redirige más de {} veces."),
        ("Fetching took too long.", "Traer el archivo llevó demasiado tiempo."),

        // Uploads that go on where they stopped
        ("A final upload takes no bytes of its own.", "Una carga final no admite bytes propios."),
        ("The upload stands at {}, not at {}.", "La carga está en {}, no en {}."),
        ("The body reaches beyond the upload's length.", "El cuerpo pasa de la longitud de la carga."),
        (
            "The body is not what its checksum announced. Send it again.",
            "El cuerpo no es lo que anunciaba su suma de verificación. Envíelo de nuevo."
        ),
        ("The upload has another length.", "La carga tiene otra longitud."),
        ("The partial upload {} is not complete.", "La carga parcial {} no está completa."),
        (
            "There are {} unfinished uploads, as many as the setting resumable-uploads allows.",
            "Hay {} cargas sin terminar, tantas como permite el ajuste resumable-uploads."
        ),
        ("The upload has expired.", "La carga ha caducado."),
        ("The upload's bytes are not there any more. Begin it again.", "Los bytes de la carga ya no están. Empiécela de nuevo."),
        ("Another connection writes to this upload.", "Otra conexión está escribiendo en esta carga."),
        ("{} is not a partial upload.", "{} no es una carga parcial."),
        ("Not an algorithm and a Base64 digest.", "No es un algoritmo y un resumen en Base64."),
        ("The algorithms are {}.", "Los algoritmos son {}."),
        ("The digest has not {} bytes.", "El resumen no tiene {} bytes."),
        ("Not a valid list of keys and Base64 values.", "No es una lista válida de claves y valores en Base64."),
        ("Method not allowed.", "Método no permitido."),
        ("The header Tus-Resumable has to be {}.", "La cabecera Tus-Resumable tiene que ser {}."),
        ("A final upload's length is that of its pieces.", "La longitud de una carga final es la de sus partes."),
        (
            "Either Upload-Length or Upload-Defer-Length: 1 is required.",
            "Se requiere Upload-Length o bien Upload-Defer-Length: 1."
        ),
        ("This header is required.", "Esta cabecera es requerida."),
        ("Neither partial nor final;URL….", "No es partial ni final;URL…."),
        ("{} is no upload.", "{} no es una carga."),
        ("A final upload takes partial uploads.", "Una carga final se compone de cargas parciales."),
        ("A valid non-negative integer is required.", "Introduzca un número entero válido, no negativo."),

        // Delivery
        ("Addresses of pictures must be signed here.", "Aquí las direcciones de imágenes tienen que estar firmadas."),
        ("The signature is not one of this address.", "La firma no es de esta dirección."),
        (
            "Too many pictures are being made. Try again in a moment.",
            "Se están haciendo demasiadas imágenes. Inténtelo de nuevo en un momento."
        ),
        ("There is no such operation.", "No existe tal operación."),
        ("Stands more than once.", "Está más de una vez."),
        ("More than the {} that the setting {} allows.", "Más de {}, que es lo que permite el ajuste {}."),
        ("There is no preset of this name.", "No hay ningún preajuste con este nombre."),
        ("Lies outside the picture, which has {}×{} pixels.", "Queda fuera de la imagen, que tiene {}×{} píxeles."),

        // Files that cannot be read
        (
            "This is neither a picture nor a video that can be read here: {} are.",
            "Esto no es ninguna imagen ni vídeo que se pueda leer aquí; se leen {}."
        ),
        (
            "The {} file ends before its picture does; the upload may have been cut short.",
            "El archivo {} termina antes que su imagen; puede que la carga se interrumpiera."
        ),
        (
            "The {} file is not whole; the upload may have been cut short, or the recording was never finished.",
            "El archivo {} no está completo; puede que la carga se interrumpiera o que la grabación no llegara a terminarse."
        ),
        (
            "The {} file is encrypted, as shops sell films; it cannot be shown without its key.",
            "El archivo {} está cifrado, como las películas que venden las tiendas; no se puede mostrar sin su clave."
        ),
        ("The {} file is damaged: {}.", "El archivo {} está dañado: {}."),
        ("The {} file has a feature that cannot be read here: {}.", "El archivo {} tiene algo que aquí no se puede leer: {}."),
        (
            "The picture has {}×{} pixels; at most {} in all are allowed (setting AGROVET_MAX_PIXELS).",
            "La imagen tiene {}×{} píxeles; se permiten {} en total (ajuste AGROVET_MAX_PIXELS)."
        ),
        (
            "Rendering the picture takes about {} MiB of memory; {} MiB are allowed (setting {}).",
            "Procesar la imagen necesita unos {} MiB de memoria; se permiten {} MiB (ajuste {})."
        ),
        ("The file makes the picture codec fail; it may be damaged.", "El archivo hace fallar al códec; puede que esté dañado."),
        (
            "Writing the video for browsers takes about {} MiB of memory; {} MiB are allowed (setting {}).",
            "Escribir el vídeo para navegadores necesita unos {} MiB de memoria; se permiten {} MiB (ajuste {})."
        ),
        (
            "Writing the video for browsers takes longer than the {} s that are allowed (setting {}).",
            "Escribir el vídeo para navegadores lleva más de los {} s que se permiten (ajuste {})."
        ),
        (
            "Writing the video for browsers stood still for longer than the {} s that are allowed (setting {}).",
            "Escribir el vídeo para navegadores se detuvo más de los {} s que se permiten (ajuste {})."
        ),
        (
            "The codec's process was killed from outside {} times; the server may have too little memory for the file.",
            "El proceso del códec fue terminado desde fuera {} veces; puede que el servidor tenga muy poca memoria para el archivo."
        ),
        (
            "Rendering the picture takes longer than the {} s that are allowed (setting {}).",
            "Procesar la imagen lleva más de los {} s que se permiten (ajuste {})."
        ),
        (
            "The video takes {} seconds; at most {} are allowed (setting AGROVET_MAX_VIDEO_DURATION).",
            "El vídeo dura {} segundos; se permiten {} (ajuste AGROVET_MAX_VIDEO_DURATION)."
        ),
        (
            "The video would take more than the {} MiB that are allowed (setting AGROVET_WEB_VIDEO_BYTES).",
            "El vídeo ocuparía más de los {} MiB que se permiten (ajuste AGROVET_WEB_VIDEO_BYTES)."
        ),
        ("The server's disk is full.", "El disco del servidor está lleno."),
        (
            "Reading the file takes more memory than there is for one; it may be damaged.",
            "Leer el archivo necesita más memoria de la que hay para uno; puede que esté dañado."
        ),
        ("The picture could not be rendered: {}.", "No se pudo procesar la imagen: {}."),
        ("The file's bytes are not in the storage any more.", "Los bytes del archivo ya no están en el almacenamiento."),
        ("This file could not be processed.", "Este archivo no se pudo procesar."),

        // Webhooks
        (
            "There are {} endpoints already, as many as the setting webhook-endpoints allows.",
            "Ya hay {} destinos, tantos como permite el ajuste webhook-endpoints."
        ),
        ("The delivery is waiting to be sent already.", "La entrega ya está esperando para enviarse."),
        (
            "The endpoint is switched off. Switch it on first: {\"active\": true}.",
            "El destino está desactivado. Actívelo primero: {\"active\": true}."
        ),
        ("A secret is replaced by a POST to rotate/.", "Un secreto se reemplaza con un POST a rotate/."),
        ("The host's name cannot be resolved.", "El nombre del servidor no se puede resolver."),
        (
            "The host is not on the public Internet; the setting webhook-allow can name it.",
            "El servidor no está en la Internet pública; el ajuste webhook-allow puede nombrarlo."
        ),
        (
            "Only https:// is taken for a host that the setting webhook-allow does not name.",
            "Solo se acepta https:// para un servidor que el ajuste webhook-allow no nombra."
        ),

        // The storage console
        ("There is a bucket of this name already.", "Ya existe un bucket con este nombre."),
        (
            "The root key is a file in the data folder; it is replaced by deleting keys/s3-root-key and starting again.",
            "La clave raíz es un archivo de la carpeta de datos; se reemplaza borrando keys/s3-root-key y arrancando de nuevo."
        ),
        ("A key has 1 to 1,024 bytes.", "Una clave tiene de 1 a 1024 bytes."),
        ("Name objects, or a prefix.", "Nombre objetos, o un prefijo."),
        (
            "The bucket {} belongs to another service; its objects are changed there.",
            "El bucket {} es de otro servicio; sus objetos se cambian allí."
        ),

        // Events
        ("Too many event streams are open. Try again later.", "Hay demasiados flujos de eventos abiertos. Inténtelo más tarde."),
        ("\"{}\" is not a valid choice; there are: {}.", "\"{}\" no es una elección válida; hay: {}."),
        ("A valid event id is required.", "Se requiere un id de evento válido."),
    ]
}
