import Persistence

/// The tree that a marketplace begins with; staff change it afterwards.
enum CategorySeed {
    static let migration = Migration("0006-categories") { _ in
        tree.enumerated().map { index, row in
            let parent = row.parent.map { "'\($0)'" } ?? "NULL"
            return
                "INSERT INTO categories (slug, parent, name_en, name_es, position) VALUES ('\(row.slug)', \(parent), '\(row.en)', '\(row.es)', \(index))"
        }.joined(separator: ";\n")
    }

    private static let tree: [(slug: String, parent: String?, en: String, es: String)] = [
        ("livestock", nil, "Livestock", "Ganado"), ("cattle", "livestock", "Cattle", "Bovinos"), ("pigs", "livestock", "Pigs", "Porcinos"),
        ("sheep", "livestock", "Sheep", "Ovinos"), ("goats", "livestock", "Goats", "Caprinos"),
        ("horses", "livestock", "Horses", "Equinos"),
        ("poultry", "livestock", "Poultry", "Aves de corral"), ("bees", "livestock", "Bees", "Abejas"),
        ("fish", "livestock", "Fish", "Peces"),
        ("pets", nil, "Pets", "Mascotas"), ("dogs", "pets", "Dogs", "Perros"), ("cats", "pets", "Cats", "Gatos"),
        ("genetics", nil, "Genetics", "Genética"), ("semen", "genetics", "Semen", "Semen"), ("embryos", "genetics", "Embryos", "Embriones"),
        ("feed", nil, "Feed", "Alimento"), ("fodder", "feed", "Fodder", "Forraje"), ("supplements", "feed", "Supplements", "Suplementos"),
        ("veterinary", nil, "Veterinary", "Veterinaria"), ("medicines", "veterinary", "Medicines", "Medicamentos"),
        ("vaccines", "veterinary", "Vaccines", "Vacunas"), ("instruments", "veterinary", "Instruments", "Instrumental"),
        ("crops", nil, "Crops", "Cultivos"), ("seeds", "crops", "Seeds", "Semillas"), ("seedlings", "crops", "Seedlings", "Plántulas"),
        ("fertilisers", "crops", "Fertilisers", "Fertilizantes"), ("produce", "crops", "Produce", "Cosechas"),
        ("machinery", nil, "Machinery", "Maquinaria"), ("tractors", "machinery", "Tractors", "Tractores"),
        ("implements", "machinery", "Implements", "Implementos"), ("irrigation", "machinery", "Irrigation", "Riego"),
        ("tools", "machinery", "Tools", "Herramientas"), ("land", nil, "Land", "Fincas"), ("services", nil, "Services", "Servicios"),
        ("other", nil, "Other", "Otros"),
    ]
}
