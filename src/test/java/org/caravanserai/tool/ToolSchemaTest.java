package org.caravanserai.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ToolSchemaTest {

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void readsTheParametersOfARouteFile() throws JsonProcessingException {
        JsonNode schema = RouteTools.schema(Map.of(
                "unit", "string", "unit.enum", "metric, imperial", "count", "integer", "count.required", "true"));

        assertThat(ToolSchema.problems(schema, read("{\"count\":2,\"unit\":\"metric\"}")))
                .isEmpty();
        assertThat(ToolSchema.problems(schema, read("{\"unit\":\"metric\"}"))).hasSize(1);
        assertThat(ToolSchema.problems(schema, read("{\"count\":2,\"unit\":\"miles\"}")))
                .hasSize(1);
        assertThat(ToolSchema.problems(schema, read("{\"count\":\"2\"}"))).hasSize(1);
        assertThat(ToolSchema.problems(schema, read("{\"count\":2,\"more\":1}")))
                .hasSize(1);
    }

    @Test
    void saysWhatIsWrongWithParameters() {
        assertThatThrownBy(() -> RouteTools.schema(Map.of("a", "text"))).hasMessageContaining("string");
        assertThatThrownBy(() -> RouteTools.schema(Map.of("a.description", "x")))
                .hasMessageContaining("parameter.a");
        assertThatThrownBy(() -> RouteTools.schema(Map.of("a", "string", "a.colour", "x")))
                .hasMessageContaining(".enum");
    }

    @Test
    void fetchesNothingThatASchemaNames() throws JsonProcessingException {
        String wrong = ToolSchema.problem(
                read("{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"http://127.0.0.1:1/schema\"}}}"));

        assertThat(wrong).contains("refers to nothing outside");
    }

    @Test
    @Timeout(20)
    void runsNoPatternOfATenant() throws JsonProcessingException {
        JsonNode schema = read("{\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":\"string\","
                + "\"pattern\":\"^(a+)+$\"}},\"required\":[\"pattern\"]}");
        String arguments = "{\"pattern\":\"" + "a".repeat(5_000) + "!\"}";
        long start = System.nanoTime();

        assertThat(ToolSchema.problems(schema, read(arguments))).isEmpty();
        assertThat(ToolSchema.problems(schema, read("{}"))).hasSize(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void endsASchemaThatRefersToItself() throws JsonProcessingException {
        JsonNode schema = read("{\"type\":\"object\",\"allOf\":[{\"$ref\":\"#\"}]}");

        assertThat(ToolSchema.problems(schema, read("{}"))).isNotNull();
    }

    @Test
    void takesOnlyATemplateWhoseHostIsFixed() {
        assertThat(HttpTool.problem("https://example.com/orders/{number}?x={x}"))
                .isNull();
        assertThat(HttpTool.problem("https://{host}/orders")).contains("host");
        assertThat(HttpTool.problem("https://a{b}.example.com")).contains("host");
        assertThat(HttpTool.problem("{scheme}://example.com/")).contains("host");
        assertThat(HttpTool.problem("/orders")).contains("host");
    }

    private JsonNode read(String text) throws JsonProcessingException {
        return json.readTree(text);
    }
}
