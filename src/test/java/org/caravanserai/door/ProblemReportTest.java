package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.catalina.Container;
import org.caravanserai.security.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;

/** What Tomcat answers by itself, of an application that runs and of one that has stopped. */
class ProblemReportTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private TomcatWebServer server;

    private static final class Nothing extends HttpServlet {

        private static final long serialVersionUID = 1;
    }

    @BeforeEach
    void start() {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        DoorServer.answerProblems(factory, new Problems(new ObjectMapper()));
        server = (TomcatWebServer) factory.getWebServer(new ServletRegistrationBean<>(new Nothing(), "/"));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
        server.destroy();
    }

    @Test
    void tellsWhatIsWrongWithARequest() throws Exception {
        HttpResponse<String> answer = get("/a%00");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("The request is malformed.").doesNotContain("Tomcat");
    }

    @Test
    void asksForItAgainWhileTheHubStops() throws Exception {
        for (Container application : server.getTomcat().getHost().findChildren()) {
            application.stop();
        }

        assertThat(get("/webhooks/x").statusCode()).isEqualTo(503);
        HttpResponse<String> answer = get("/a%00");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(answer.body()).contains("Send it again.");
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.getPort() + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
