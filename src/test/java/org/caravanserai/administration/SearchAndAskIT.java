package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Search and ask where there is nothing to find, and where there is nothing to understand. */
class SearchAndAskIT extends AdministrationIT {

    @Test
    void saysHonestlyThatItDoesNotKnow() throws Exception {
        String tenant = "/api/tenants/" + newTenant();

        Answer found = call("POST", tenant + "/search", Map.of("query", "When does the sauna open?", "topK", 100));
        Answer asked = call("POST", tenant + "/ask", Map.of("text", "When does the sauna open? \uD83E\uDDD6"));

        assertThat(found.status()).isEqualTo(200);
        assertThat(found.body().get("items")).isEmpty();
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.body().fieldNames()).toIterable().containsExactly("text", "citations", "usage");
        assertThat(asked.body().get("text").asText()).startsWith("I could not find an answer");
        assertThat(asked.body().get("citations")).isEmpty();
    }

    @Test
    void namesTheFieldThatIsWrong() throws Exception {
        String tenant = "/api/tenants/" + newTenant();

        assertThat(fieldAtFault(tenant + "/search", "{}")).isEqualTo("query");
        assertThat(fieldAtFault(tenant + "/search", "{\"query\":\"a\\u0000\"}")).isEqualTo("query");
        assertThat(fieldAtFault(tenant + "/search", Map.of("query", "a", "topK", 0)))
                .isEqualTo("topK");
        assertThat(fieldAtFault(tenant + "/search", Map.of("query", "a", "topK", 101)))
                .isEqualTo("topK");
        assertThat(fieldAtFault(tenant + "/ask", "{\"text\":\"\"}")).isEqualTo("text");
        assertThat(fieldAtFault(tenant + "/ask", Map.of("text", "a".repeat(64 * 1024 + 1))))
                .isEqualTo("text");
        assertThat(call("POST", tenant + "/ask", "{\"text\":\"a\",\"model\":\"b\"}")
                        .status())
                .isEqualTo(400);
        assertThat(call("POST", tenant + "/ask", "[").status()).isEqualTo(400);
        assertThat(call("POST", "/api/tenants/" + UUID.randomUUID() + "/ask", Map.of("text", "a"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void refusesABodyThatIsHugeOrGoesOnAfterItsEnd() throws Exception {
        String ask = "/api/tenants/" + newTenant() + "/ask";

        assertThat(call("POST", ask, Map.of("text", "a".repeat(3 * 1024 * 1024)))
                        .status())
                .isEqualTo(400);
        assertThat(call("POST", ask, "{\"text\":\"a\"} {\"text\":\"b\"}").status())
                .isEqualTo(400);
        assertThat(call("POST", ask, "{\"text\":".repeat(20_000)).status()).isEqualTo(400);
    }

    private String fieldAtFault(String path, Object body) throws Exception {
        Answer answer = call("POST", path, body);
        assertThat(answer.status()).isEqualTo(400);
        return answer.body().at("/errors/0/field").asText();
    }
}
