import Persistence

/// The specialties that there are at first; staff add others.
enum SpecialtySeed {
    static let migration = Migration("0006-specialties") { _ in
        tree.enumerated().map { index, row in
            let parent = row.parent.map { "'\($0)'" } ?? "NULL"
            return
                "INSERT INTO specialties (slug, parent, name_en, name_es, position) VALUES ('\(row.slug)', \(parent), '\(row.en)', '\(row.es)', \(index))"
        }.joined(separator: ";\n")
    }

    private static let tree: [(slug: String, parent: String?, en: String, es: String)] = [
        ("livestock", nil, "Livestock", "Animales de producción"), ("cattle", "livestock", "Cattle", "Bovinos"),
        ("dairy", "cattle", "Dairy cattle", "Bovinos de leche"), ("beef", "cattle", "Beef cattle", "Bovinos de carne"),
        ("pigs", "livestock", "Pigs", "Porcinos"), ("sheep", "livestock", "Sheep", "Ovinos"), ("goats", "livestock", "Goats", "Caprinos"),
        ("poultry", "livestock", "Poultry", "Aves de corral"), ("horses", "livestock", "Horses", "Equinos"),
        ("aquaculture", "livestock", "Aquaculture", "Acuicultura"), ("bees", "livestock", "Bees", "Apicultura"),
        ("companion-animals", nil, "Companion animals", "Animales de compañía"), ("dogs", "companion-animals", "Dogs", "Perros"),
        ("cats", "companion-animals", "Cats", "Gatos"), ("exotic-animals", "companion-animals", "Exotic animals", "Animales exóticos"),
        ("veterinary-medicine", nil, "Veterinary medicine", "Medicina veterinaria"),
        ("surgery", "veterinary-medicine", "Surgery", "Cirugía"), ("reproduction", "veterinary-medicine", "Reproduction", "Reproducción"),
        ("diagnostic-imaging", "veterinary-medicine", "Diagnostic imaging", "Diagnóstico por imagen"),
        ("laboratory", "veterinary-medicine", "Laboratory diagnostics", "Diagnóstico de laboratorio"),
        ("vaccination", "veterinary-medicine", "Vaccination", "Vacunación"),
        ("dentistry", "veterinary-medicine", "Dentistry", "Odontología"),
        ("animal-science", nil, "Animal science", "Zootecnia"), ("nutrition", "animal-science", "Nutrition", "Nutrición animal"),
        ("genetics", "animal-science", "Genetics", "Mejoramiento genético"),
        ("welfare", "animal-science", "Animal welfare", "Bienestar animal"),
        ("agronomy", nil, "Agronomy", "Agronomía"), ("pastures", "agronomy", "Pastures and forage", "Pastos y forrajes"),
        ("soils", "agronomy", "Soils", "Suelos"), ("irrigation", "agronomy", "Irrigation", "Riego"),
        ("crop-protection", "agronomy", "Crop protection", "Protección de cultivos"),
        ("machinery", "agronomy", "Machinery", "Maquinaria agrícola"),
    ]
}
