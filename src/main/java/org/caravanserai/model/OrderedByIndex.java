package org.caravanserai.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Puts the vectors of an OpenAI answer into the order of their {@code index}, which is what says whose they are; langchain4j
 * takes them as they come, and not every server that speaks this API keeps them in order.
 */
final class OrderedByIndex implements UnaryOperator<byte[]> {

    private final ObjectMapper json = new ObjectMapper();

    @Override
    public byte[] apply(byte[] answer) {
        try {
            JsonNode root = json.readTree(answer);
            if (!(root instanceof ObjectNode object)
                    || !(root.get("data") instanceof ArrayNode data)
                    || isOrdered(data)) {
                return answer;
            }
            List<JsonNode> vectors = new ArrayList<>();
            data.forEach(vectors::add);
            vectors.sort(Comparator.comparingInt(OrderedByIndex::index));
            object.putArray("data").addAll(vectors);
            return json.writeValueAsBytes(object);
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
    }

    private static boolean isOrdered(ArrayNode data) {
        for (int i = 1; i < data.size(); i++) {
            if (index(data.get(i)) < index(data.get(i - 1))) {
                return false;
            }
        }
        return true;
    }

    private static int index(JsonNode vector) {
        return vector.path("index").asInt();
    }
}
