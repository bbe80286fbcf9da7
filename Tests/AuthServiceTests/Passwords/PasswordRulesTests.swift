import AuthService
import Testing

@Suite struct PasswordRulesTests {
    private let words = [(name: "username", value: "granja_lopez"), (name: "email address", value: "ana.lopez@granja.example")]

    private func problems(_ password: String) -> [String] { PasswordRules().problems(password, words: words) }

    @Test func aGoodOnePasses() {
        #expect(problems("vacas en la niebla").isEmpty)
        #expect(problems("x9!kQ2zz").isEmpty)
    }

    @Test func djangosWordsAreUsed() {
        #expect(problems("corto") == ["This password is too short. It must contain at least 8 characters."])
        #expect(problems("8230175946") == ["This password is entirely numeric."])
        #expect(problems("contraseña123") == ["This password is too common."])
        #expect(problems("granja_lopez1") == ["The password is too similar to the username."])
        #expect(problems("12345678").count == 2)
    }

    @Test func partsOfTheAddressCountToo() {
        #expect(problems("granja.example").contains("The password is too similar to the email address."))
    }

    @Test func aWordThatIsFarShorterIsNotAlike() {
        let rules = PasswordRules()
        #expect(rules.problems("ab" + String(repeating: "z", count: 30), words: [("username", "ab")]).isEmpty)
        #expect(PasswordRules.likeness("abcd", "bcde") == 0.75)
    }
}
