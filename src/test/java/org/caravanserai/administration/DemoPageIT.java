package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.caravanserai.HubIT;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** The page of the demo tenant; asked by anybody. */
@TestPropertySource(properties = {"hub.home=target/it-home/${fork:1}/demo", "hub.demo=true"})
class DemoPageIT extends HubIT {

    @Test
    void showsAPageThatRunsNothingForeign() throws Exception {
        HttpResponse<String> page = get("/demo");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'"));
        assertThat(page.body()).contains("/demo/demo.js", "/demo/demo.css");
        assertThat(get("/demo/demo.js").statusCode()).isEqualTo(200);
        assertThat(get("/demo/demo.css").statusCode()).isEqualTo(200);
    }

    @Test
    void answersWithoutAKey() throws Exception {
        HttpResponse<String> answer = post("{\"text\":\"Who won the chess olympiad in 1972?\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json.readTree(answer.body()).path("text").asText()).startsWith("I could not find that");
    }

    @Test
    void refusesWhatIsNoShortQuestion() throws Exception {
        assertThat(post("{\"text\":\"" + "x".repeat(2_001) + "\"}").statusCode())
                .isEqualTo(400);
        assertThat(post("{\"text\":\" \"}").statusCode()).isEqualTo(400);
        assertThat(post("{\"text\":\"a\",\"tenant\":\"b\"}").statusCode()).isEqualTo(400);
        assertThat(post("[").statusCode()).isEqualTo(400);
    }

    @Test
    void servesNoFileButItsOwn() throws Exception {
        assertThat(get("/demo/application.yaml").statusCode()).isEqualTo(404);
        assertThat(get("/demo/..%2fapplication.yaml").statusCode()).isIn(400, 404);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return http.send(
                request("/demo/ask")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }
}
