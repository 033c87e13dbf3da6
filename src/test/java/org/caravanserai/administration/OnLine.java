package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A hub with one conversation on each line, which is looked at through the API. */
abstract class OnLine extends AdministrationIT {

    static final Duration SOON = Duration.ofSeconds(30);

    /** The message at a place of the conversation, once it is sent. @param place from 0 */
    JsonNode awaitSent(Line line, int place) {
        return Awaitility.await().atMost(SOON).until(() -> messages(line).path(place), m -> m.path("status")
                .asText()
                .equals("sent"));
    }

    /** Those of the line's only conversation; none while there is none. */
    JsonNode messages(Line line) throws Exception {
        String id = call("GET", line.path() + "/conversations", null)
                .body()
                .at("/items/0/id")
                .asText();
        return id.isEmpty()
                ? json.createArrayNode()
                : call("GET", line.path() + "/conversations/" + id + "/messages", null)
                        .body()
                        .get("items");
    }

    List<String> texts(Line line) throws Exception {
        return messages(line).findValuesAsText("text");
    }

    /** The path of the line's only conversation. */
    String conversation(Line line) throws Exception {
        return line.path() + "/conversations/"
                + messages(line).get(0).get("conversationId").asText();
    }

    String status(Line line) throws Exception {
        return call("GET", conversation(line), null).body().get("status").asText();
    }

    JsonNode timeline(Line line, String messageId) throws Exception {
        return call("GET", line.path() + "/messages/" + messageId + "/timeline", null)
                .body()
                .get("items");
    }

    List<String> stages(Line line, String messageId) throws Exception {
        return timeline(line, messageId).findValuesAsText("stage");
    }

    /** The types of the events that an endpoint was told. */
    List<String> types(LoopbackServer receiver) throws Exception {
        List<String> types = new ArrayList<>();
        for (LoopbackServer.Request request : receiver.requests()) {
            types.add(json.readTree(request.body()).get("type").asText());
        }
        return types;
    }
}
