/// Passwords that everybody tries first, in English and Spanish, and around farms and animals. Shorter than the shortest allowed ones are
/// left out.
enum CommonPasswords {
    static let all = Set(
        (words + years.flatMap { year in seasons.map { $0 + year } } + endings.flatMap { ending in stems.map { $0 + ending } }))

    private static let words = """
        password passw0rd p@ssword p@ssw0rd password1 password12 password123 password1234 password! passwort motdepasse
        contraseña contrasena contraseña1 contraseña123 contrasena123 clave123 clave1234 miclave1 secreto1 secreto123
        12345678 123456789 1234567890 0123456789 987654321 9876543210 11111111 00000000 12121212 11223344 12344321
        qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zaq12wsx asdfghjk asdfghjkl
        zxcvbnm1 asdf1234 abcd1234 abc12345 abcdefgh abcdefghi aaaaaaaa a1b2c3d4 a1234567 q1w2e3r4 q1w2e3r4t5
        iloveyou iloveyou1 iloveyou2 teamoteamo teamomucho tequiero tequiero1 teamo123 mivida123 miamor123 princesa princess princess1
        estrella estrellita mariposa corazon1 chocolate chocolat bonita123 hermosa1 angelito angelita alejandro alejandra fernando
        fernanda gabriela valentina santiago sebastian carolina cristina francisco guadalupe daniela1 jennifer michelle michael1
        football futbol123 baseball basketball superman superman1 batman123 spiderman pokemon1 pokemon123 starwars dragonball naruto123
        sunshine sunshine1 whatever trustno1 letmein1 letmein123 welcome1 welcome123 bienvenido bienvenida administrator
        administrador adminadmin admin123 admin1234 admin12345 administrador1 rootroot root1234 toor1234 changeme changeme1 cambiame
        default1 default123 test1234 testtest testing1 testing123 prueba123 prueba1234 usuario1 usuario123 username user1234 invitado
        computer internet internet1 samsung1 samsung123 facebook instagram google123 master123 monkey123 shadow123 liverpool
        liverpool1 barcelona realmadrid atletico1 bocajuniors riverplate america1 chivas123 colombia mexico123 argentina
        argentina1 venezuela peru12345 espana123 bogota123 madrid123
        agrovet1 agrovet12 agrovet123 agrovet1234 agrovetagrovet ganaderia ganadero ganadero1 ganado123 vaquero1 vaquita1 lavaquita
        caballos caballo1 caballo123 cabalgata haciendas hacienda hacienda1 lafinca1 mifinca1 lagranja granja123 migranja campo123
        elcampo1 campesino agricola agricultor agricultura tractor1 tractor123 cosecha1 maiz12345 veterinaria veterinario veterinaria1
        veterinario1 mascotas mascota1 mascota123 perrito1 perrito123 gatito123 lechera1 becerro1 ternero1 gallina1 pollito1 pollitos
        cowboy123 horses123 horselover farmer123 farming1 livestock tractors johndeere johndeere1 doglover catlover
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    private static let seasons = ["spring", "summer", "autumn", "winter", "primavera", "verano", "otoño", "invierno", "enero", "julio"]
    private static let years = (2015...2030).map(String.init)
    private static let stems = ["qwerty", "hello", "hola", "love", "amor", "dragon", "monkey", "admin", "agrovet", "pass", "clave"]
    private static let endings = ["123456", "12345", "1234567", "12345678", "2024", "2025", "2026"]
}
