package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.caravanserai.failure.RejectedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentNameTest {

    @ParameterizedTest
    @CsvSource({
        "prices.md, prices.md",
        "../../etc/prices.md, prices.md",
        "C:\\Users\\me\\prices.md, prices.md",
        "'a\tb\u0000\u202Ec.txt', abc.txt",
        "'  spaced name.txt ', spaced name.txt"
    })
    void keepsTheBaseNameOnly(String given, String name) {
        assertThat(DocumentName.clean(given)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "..", ".", "folder/", "\u0000"})
    void refusesANameOfWhichNothingIsLeft(String given) {
        assertThatThrownBy(() -> DocumentName.clean(given))
                .isInstanceOfSatisfying(RejectedException.class, refused -> assertThat(
                                refused.errors().getFirst().field())
                        .isEqualTo("file"));
    }

    @Test
    void cutsALongNameAndKeepsItsExtension() {
        String name = DocumentName.clean("x".repeat(400) + ".md");

        assertThat(name).hasSize(255).endsWith("x.md");
    }

    @Test
    void saysWhichFilesAreSupported() {
        assertThat(DocumentName.mediaType("Prices.MD")).isEqualTo("text/markdown");
        assertThatThrownBy(() -> DocumentName.mediaType("prices.exe"))
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining(".txt")
                .hasMessageContaining(".md");
    }
}
