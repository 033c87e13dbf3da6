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
    void readsWhatASchemaRefersToWithin() throws JsonProcessingException {
        JsonNode schema = read("{\"type\":\"object\",\"$defs\":{\"n\":{\"type\":\"integer\"}},\"properties\":{\"a\":"
                + "{\"$ref\":\"#/$defs/n\",\"minimum\":3},\"b\":{\"items\":{\"$ref\":\"#/properties/a\"}}}}");

        assertThat(ToolSchema.problem(schema)).isNull();
        assertThat(ToolSchema.problems(schema, read("{\"a\":3,\"b\":[4]}"))).isEmpty();
        assertThat(ToolSchema.problems(schema, read("{\"a\":\"3\"}"))).hasSize(1);
        assertThat(ToolSchema.problems(schema, read("{\"b\":[2]}"))).hasSize(1);
    }

    @Test
    void looksOnceIntoWhatIsWithinItself() throws JsonProcessingException {
        JsonNode schema = read("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
                + "\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}}}");

        assertThat(ToolSchema.problem(schema)).isNull();
        assertThat(ToolSchema.problems(schema, read("{\"name\":\"a\",\"children\":[{\"name\":\"b\"}]}")))
                .isEmpty();
        assertThat(ToolSchema.problems(schema, read("{\"name\":1}"))).hasSize(1);
    }

    @Test
    @Timeout(20)
    void refusesSchemasThatGrow() throws JsonProcessingException {
        StringBuilder doubled = new StringBuilder("{\"type\":\"object\",\"$defs\":{\"d0\":{\"type\":\"string\"}");
        StringBuilder crossed = new StringBuilder("{\"type\":\"object\",\"$defs\":{\"x\":{}");
        for (int i = 1; i < 19; i++) {
            doubled.append(",\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]}"
                    .formatted(i, i - 1, i - 1));
            crossed.append(",\"c").append(i).append("\":{\"anyOf\":[");
            for (int j = 1; j < 19; j++) {
                crossed.append(j > 1 ? "," : "")
                        .append("{\"$ref\":\"#/$defs/c")
                        .append(j)
                        .append("\"}");
            }
            crossed.append("]}");
        }
        for (String schema : new String[] {
            doubled + "},\"properties\":{\"a\":{\"$ref\":\"#/$defs/d18\"}}}",
            crossed + "},\"properties\":{\"a\":{\"$ref\":\"#/$defs/c1\"}}}",
            "{\"type\":\"object\",\"not\":".repeat(50) + "{}" + "}".repeat(50),
            "{\"type\":\"object\",\"properties\":{\"a\":{\"enum\":[" + "1,".repeat(4_000) + "1]}}}",
            "{\"type\":\"object\",\"allOf\":[" + "{\"$ref\":\"#/$defs/a\"},".repeat(300) + "{}],\"$defs\":{\"a\":{}}}"
        }) {
            assertThat(ToolSchema.problem(read(schema))).as(schema).startsWith("must");
            assertThat(ToolSchema.problems(read(schema), read("{\"a\":\"x\"}"))).hasSize(1);
        }
    }

    @Test
    @Timeout(20)
    void boundsWhatArgumentsCost() throws JsonProcessingException {
        String some = "{\"oneOf\":[" + "{\"type\":\"string\"},{\"minimum\":3},".repeat(150) + "{}]}";
        JsonNode schema =
                read("{\"type\":\"object\",\"properties\":{\"a\":{\"items\":" + some + ",\"uniqueItems\":true}}}");

        assertThat(ToolSchema.problem(schema)).isNull();
        assertThat(ToolSchema.problems(schema, read("{\"a\":[" + "1,".repeat(7_000) + "1]}")))
                .containsExactly("They are too many to be checked. Write fewer.");
        assertThat(ToolSchema.problems(
                        read("{\"type\":\"object\",\"properties\":{\"a\":{\"multipleOf\":3}}}"),
                        read("{\"a\":1e999999999}")))
                .hasSizeLessThan(2);
        assertThat(ToolSchema.problems(
                        read("{\"type\":\"object\",\"const\":{\"pattern\":\"^(a+)+$\"},"
                                + "\"properties\":{\"a\":{\"$ref\":\"#/const\"}}}"),
                        read("{\"a\":\"" + "a".repeat(5_000) + "!\"}")))
                .hasSizeLessThan(2);
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
