package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguagesTest {

    private final Terms terms = new Terms();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            de | Die Gaeste koennen ihre Fahrraeder kostenlos im Hof abstellen, wenn sie sich vorher anmelden.
            fr | Le petit dejeuner est servi tous les jours entre sept heures et dix heures dans la grande salle.
            es | El desayuno se sirve todos los dias desde las siete hasta las diez en el comedor principal.
            it | La colazione viene servita ogni giorno dalle sette alle dieci nella sala grande della casa.
            nl | Het ontbijt wordt elke dag van zeven tot tien uur in de grote zaal van het huis geserveerd.
            pt | O pequeno almoco e servido todos os dias das sete as dez horas na sala grande da casa.
            sv | Frukosten serveras varje dag mellan klockan sju och tio i den stora salen i huset.
            ru | Завтрак подается каждый день с семи до десяти часов в большом зале гостевого дома.
            ar | يقدم الإفطار كل يوم من الساعة السابعة حتى العاشرة في القاعة الكبيرة من بيت الضيافة.
            cjk | 早餐每天上午七点至十点在大厅供应。
            en | Breakfast is served every day between seven and ten in the large hall of the guest house.
            """)
    void tellsALanguageByASentence(String language, String text) {
        assertThat(terms.languageOf(text)).isEqualTo(language);
    }

    @Test
    void takesWhatIsTooShortToTellForTheTenantsOwn() {
        assertThat(terms.languageOf("Zimmer 4", "de")).isEqualTo("de");
        assertThat(terms.languageOf("Wifi?", terms.language("fr-CH"))).isEqualTo("fr");
        assertThat(terms.languageOf("4711 0815 77 112233 99887766 12345 67890 11111 22222", "de"))
                .isEqualTo("de");
    }

    @ParameterizedTest
    @CsvSource({"de-AT,de", "nb,no", "zh-Hant,cjk", "pt_BR,pt", "EN,en", "tlh,en", "'',en", ",en"})
    void knowsWhatASettingMeans(String setting, String language) {
        assertThat(terms.language(setting)).isEqualTo(language);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ferromagnetic techniques for computer stores",
                "voltage tuning in tunnel diode oscillators",
                "multiple quantum transitions in nuclear magnetic resonance",
                "a turns index for pulse transformer design",
                "mechanical modulator uses variable capacitance"
            })
    void takesShortTechnicalTermsForNoOtherLanguage(String text) {
        assertThat(terms.languageOf(text)).isEqualTo("en");
        assertThat(terms.languageOf(text, null)).isNotEqualTo("fr").isNotEqualTo("it");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            de | Fahrr\u00e4der k\u00f6nnen kostenlos ausgeliehen werden.
            fr | Le petit d\u00e9jeuner est servi de sept \u00e0 dix heures.
            it | Dove posso parcheggiare la macchina durante la notte?
            nl | Hoe laat gaat het zwembad op zondag open voor gasten?
            pt | A que horas abre a piscina do hotel ao domingo?
            """)
    void tellsShortQuestionsByTheirCommonWords(String language, String text) {
        assertThat(terms.languageOf(text)).isEqualTo(language);
    }

    @Test
    void stemsWordsAndLeavesCommonOnesOutAsTheLanguageHasIt() {
        assertThat(terms.of("Die Zimmer und die Häuser", "de").keySet()).containsExactly("zimm", "haus");
        assertThat(terms.of("The rooms and the houses", "en").keySet()).containsExactly("room", "hous");
        assertThat(terms.of("les chambres et les maisons", "fr").keySet()).containsExactly("chambr", "maison");
    }

    @Test
    void takesLookAlikesForTheSameWord() {
        assertThat(terms.of("\uFB01sh \uFF21\uFF22\uFF23 ho\u00ADtel cafe\u0301", "en")
                        .keySet())
                .containsExactlyElementsOf(
                        terms.of("fish ABC hotel caf\u00E9", "en").keySet());
    }
}
