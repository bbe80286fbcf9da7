extension Translation {
    /// Sentences of files that cannot be read, and of what could not be made of them (`CodecError`).
    static let spanishFiles =
        [
            (
                "This is neither a picture nor a video that can be read here: {} and {} are.",
                "Esto no es ninguna imagen ni vídeo que se pueda leer aquí; se leen {} y {}."
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
            ("The picture could not be rendered.", "No se pudo procesar la imagen."),
            ("The file's bytes are not in the storage any more.", "Los bytes del archivo ya no están en el almacenamiento."),
            ("This file could not be processed.", "Este archivo no se pudo procesar."),
            (
                "The sound is of a kind that cannot be decoded here. It was left out.",
                "El sonido es de un tipo que aquí no se puede decodificar. Se dejó fuera."
            ),
        ]
        + flaws.flatMap { english, other in
            [
                ("The {} file is damaged: \(english).", "El archivo {} está dañado: \(other)."),
                (
                    "The {} file has a feature that cannot be read here: \(english).",
                    "El archivo {} tiene algo que aquí no se puede leer: \(other)."
                ),
            ]
        } + [
            // Of records that failed when the reasons were a library's words.
            ("The {} file is damaged: {}.", "El archivo {} está dañado."),
            ("The {} file has a feature that cannot be read here: {}.", "El archivo {} tiene algo que aquí no se puede leer."),
            ("The picture could not be rendered: {}.", "No se pudo procesar la imagen."),
        ]

    /// What stands behind the colon, all there is (`FileFlaw.Reason`).
    private static let flaws = [
        ("it breaks the rules of the format", "no cumple las reglas del formato"),
        ("its header breaks the rules of the format", "su cabecera no cumple las reglas del formato"),
        ("it ends before its header does", "termina antes que su cabecera"),
        ("a chunk's checksum is wrong", "la suma de control de un bloque no coincide"),
        ("a chunk is longer than the file", "un bloque es más largo que el archivo"),
        ("it has an unknown part that must not be skipped", "tiene una parte desconocida que no se puede omitir"),
        ("an unknown block", "un bloque desconocido"),
        ("a box has no valid size", "una caja no tiene un tamaño válido"),
        ("an element has no size", "un elemento no tiene tamaño"),
        ("the container breaks the rules", "el contenedor no cumple las reglas"),
        ("its list of items cannot be read", "su lista de elementos no se puede leer"),
        ("it has more than {} scans", "tiene más de {} pasadas"),
        ("the picture has no size", "la imagen no tiene tamaño"),
        ("a canvas without pixels", "un lienzo sin píxeles"),
        ("a frame is larger than the picture", "un fotograma es mayor que la imagen"),
        ("the first frame has no header", "el primer fotograma no tiene cabecera"),
        ("the first frame is not of the size that the container says", "el primer fotograma no tiene el tamaño que dice el contenedor"),
        ("the coded picture has no readable header", "la imagen codificada no tiene una cabecera legible"),
        ("the coded picture has another size than the file says", "la imagen codificada tiene otro tamaño del que dice el archivo"),
        ("the grid has no tiles", "la cuadrícula no tiene teselas"),
        ("the tiles are of different kinds", "las teselas son de tipos distintos"),
        ("a tile has another size than the file says", "una tesela tiene otro tamaño del que dice el archivo"),
        ("its pictures would have {}×{} pixels", "sus imágenes tendrían {}×{} píxeles"),
        ("the size of its pictures is not told", "no dice el tamaño de sus imágenes"),
        ("there are no pixels in it", "no contiene píxeles"),
        ("it has no colours", "no tiene colores"),
        ("its palette is missing or broken", "su paleta falta o está rota"),
        ("there is no luma", "no tiene luminancia"),
        ("a colour plane is missing", "falta un plano de color"),
        ("its tables for decoding are missing or broken", "sus tablas para decodificar faltan o están rotas"),
        ("its compressed pixels break the rules", "sus píxeles comprimidos no cumplen las reglas"),
        ("there are fewer pixels than it says, or more", "hay menos píxeles de los que dice, o más"),
        ("the bitstream breaks the rules", "el flujo de bits no cumple las reglas"),
        ("a frame's bitstream breaks the rules", "el flujo de bits de un fotograma no cumple las reglas"),
        ("none of its frames can be decoded", "ninguno de sus fotogramas se puede decodificar"),
        ("libheif is not installed on this machine", "libheif no está instalada en esta máquina"),
        ("libheif has no AV1 encoder on this machine", "libheif no tiene codificador de AV1 en esta máquina"),
        ("the libraries for videos are not there", "faltan las bibliotecas para vídeos"),
        ("its codec", "su códec"),
        ("its frames", "sus fotogramas"),
        ("there are no moving pictures in it", "no contiene imágenes en movimiento"),
        ("its header says something that is hardly ever used", "su cabecera dice algo que casi nunca se usa"),
        ("a way of compression that is hardly ever used", "un modo de compresión que casi nunca se usa"),
        ("a feature newer than the decoder", "una función más nueva que el decodificador"),
        ("something that the decoder of this machine does not know", "algo que el decodificador de esta máquina no conoce"),
        ("decoding it takes more memory than is allowed", "decodificarlo necesita más memoria de la permitida"),
        ("it has more than {} tracks", "tiene más de {} pistas"),
        ("{} components of no known meaning", "{} componentes de significado desconocido"),
        ("a side over {} pixels", "un lado de más de {} píxeles"),
        ("a small part of a much larger picture", "una pequeña parte de una imagen mucho mayor"),
        ("a picture in several pieces", "una imagen en varios trozos"),
        ("colour matrix {}", "la matriz de color {}"),
        ("interleaved colours", "colores entrelazados"),
        ("this colour space", "este espacio de color"),
        ("{} bits a sample", "{} bits por muestra"),
    ]
}
