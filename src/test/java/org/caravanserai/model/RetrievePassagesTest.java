package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.data.segment.TextSegment;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.Test;

class RetrievePassagesTest {

    private final ObjectMapper json = JsonMapper.builder().build();
    private final RetrievePassages passages = new RetrievePassages(null);

    @Test
    void hidesFromWhoeverEmbedsWhatTheTenantWantsHidden() {
        TenantSettings hiding =
                json.convertValue(Map.of("pii", Map.of("mask", List.of("email"))), TenantSettings.class);

        assertThat(embedded(hiding)).isEqualTo("Did you write to [EMAIL_1]?");
        assertThat(embedded(TenantSettings.NONE)).isEqualTo("Did you write to ada@example.com?");
    }

    private String embedded(TenantSettings settings) {
        Object text = passages.text(
                Questions.of(settings, "Did you write to ada@example.com?"),
                new DefaultExchange(new DefaultCamelContext()));
        return ((TextSegment) text).text();
    }
}
