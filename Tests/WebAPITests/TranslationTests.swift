import Foundation
import Schemas
import TestSupport
import Testing
import WebAPI

@Suite struct TranslationTests {
    @Test func everyProblemOfASchemaHasSpanish() {
        let problems: [SchemaProblem] = [
            .required, .null, .blank, .tooLong(5), .tooShort(5), .tooSmall("1"), .tooLarge("1"), .notString, .notInteger, .notNumber,
            .notBoolean, .notList, .notObject, .invalidChoice("x"), .tooFew(1), .tooMany(1), .nullCharacters, .notExpected, .noMatch,
            .invalidFormat(.uuid), .invalidFormat(.dateTime), .invalidFormat(.date), .invalidFormat(.email), .invalidFormat(.uri),
            .invalidFormat(.decimal),
        ]
        for problem in problems {
            let spanish = Translation.spanish.text(problem.message)
            #expect(spanish != nil && spanish != problem.message, "\(problem.message)")
        }
    }

    @Test func whatVariesStaysInItsPlace() {
        #expect(Translation.spanish.text("\"a {} b\" is not a valid choice.") == "\"a {} b\" no es una elección válida.")
        #expect(
            Translation.spanish.text("The request body is larger than the 10 bytes that the setting json-body-limit allows.")
                == "El cuerpo de la solicitud supera los 10 bytes que permite el ajuste json-body-limit.")
        #expect(Translation.spanish.text("No such sentence.") == nil)
    }

    @Test(arguments: [
        ("es", true), ("es-CO,es;q=0.9,en;q=0.8", true), ("en,es;q=0.9", false), ("fr,es;q=0.5", true), ("es;q=0", false), ("*", false),
        ("", false),
        ("ES", true), ("de", false), ("es;q=x", true),
    ])
    func theClientChoosesByAcceptLanguage(_ header: String, _ isSpanish: Bool) {
        #expect((Translation.wanted(header)?.language == "es") == isSpanish)
    }
}
