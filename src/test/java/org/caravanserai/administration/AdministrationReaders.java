package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.startup.StartupFailure;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mock.env.MockEnvironment;

/** Of the API: bodies, cursors, times, and the files that declare tenants. */
public final class AdministrationReaders {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LIST = "/api/tenants/inn/documents";
    private static final int DETAIL_MAX = 2_000;

    private AdministrationReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("api-fields", AdministrationReaders::fields),
                new Reader("api-page", AdministrationReaders::page),
                new Reader("api-instant", AdministrationReaders::instant),
                new Reader("tenant-file", AdministrationReaders::tenantFile));
    }

    /** Reads a body with each kind of field. What is refused is refused as a whole, in words of bounded length. */
    private static void fields(Input input) throws Exception {
        // what is no text in the encoding that it seems to be in is answered 400 as well
        Optional<JsonNode> body = unlessRefused(
                () -> JSON.readTree(input.bytes()), JsonProcessingException.class, CharConversionException.class);
        if (body.isEmpty()) {
            return;
        }
        try {
            Fields fields = Fields.of(body.get());
            fields.required("name", 200);
            fields.filled("language", 100);
            fields.flag("enabled");
            fields.integer("topK", 1, 100);
            fields.number("minScore", 0, 1);
            fields.duration("timeout", Duration.ZERO, Duration.ofMinutes(5));
            fields.texts("events", 20, 100);
            fields.free("metadata");
            for (Fields one : fields.objects("fallbacks", 4)) {
                one.required("provider", 100);
            }
            Fields settings = fields.object("settings");
            if (settings != null) {
                settings.text("greeting", 4_000);
            }
            fields.finish();
        } catch (RejectedException refused) {
            assertThat(refused.getMessage()).hasSizeLessThanOrEqualTo(DETAIL_MAX);
        }
    }

    /** The lines are limit and cursor. A cursor of ours is read back, and of no use for another list. */
    private static void page(Input input) throws Exception {
        String[] lines = input.lines(2);
        unlessRefused(
                () -> {
                    PageRequest page = PageRequest.of(LIST, lines[0], lines[1]);
                    assertThat(page.limit()).isBetween(1, PageRequest.MAX_LIMIT);
                    page.afterId();
                    page.afterNumbers(2);
                    return page;
                },
                RejectedException.class);
        String key = Arrays.hashCode(input.bytes()) + "/" + input.bytes().length;
        String cursor = PageRequest.of(LIST, null, null).cursorAfter(key);
        assertThat(PageRequest.of(LIST, null, cursor).afterNumbers(2))
                .containsExactly(Arrays.hashCode(input.bytes()), input.bytes().length);
        assertThat(unlessRefused(() -> PageRequest.of(LIST + "/others", null, cursor), RejectedException.class))
                .isEmpty();
    }

    private static void instant(Input input) {
        Instants.parse(input.text()).ifPresent(instant -> assertThat(Instants.parse(instant.toString()))
                .contains(instant));
    }

    private static void tenantFile(Input input) throws Exception {
        DeclaredFile file = new DeclaredFile(
                new ByteArrayResource(input.bytes()), new MockEnvironment().withProperty("TOKEN", "a token"));
        unlessRefused(() -> file.read(JSON), StartupFailure.class)
                .ifPresent(tree -> assertThat(tree.isObject()).isTrue());
    }
}
