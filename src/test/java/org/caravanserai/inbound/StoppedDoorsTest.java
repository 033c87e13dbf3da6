package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.catalina.Container;
import org.apache.catalina.LifecycleException;
import org.caravanserai.security.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;

/** A Tomcat as the hub has it, whose application stops while connections stand. */
class StoppedDoorsTest {

    private static final String DOOR = "/webhooks/whatsapp/0192f5a0-0000-7000-8000-00000000c002";

    private final HttpClient http = HttpClient.newHttpClient();
    private TomcatWebServer server;

    private static final class Accepting extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) {
            response.setStatus(200);
        }
    }

    @BeforeEach
    void start() {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        new StoppedDoors(new Problems(new ObjectMapper())).customize(factory);
        server = (TomcatWebServer) factory.getWebServer(new ServletRegistrationBean<>(new Accepting(), "/"));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
        server.destroy();
    }

    @Test
    void leavesRequestsToARunningApplication() throws Exception {
        assertThat(post(DOOR).statusCode()).isEqualTo(200);
    }

    @Test
    void askForAnEventAgainOnceTheApplicationHasStopped() throws Exception {
        stopApplication();

        HttpResponse<String> answer = post(DOOR);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(answer.body()).contains("Send it again.");
        assertThat(post("/api/tenants").statusCode()).as("what Tomcat answers").isEqualTo(404);
    }

    @Test
    void leaveAPathThatCannotBeReadToTomcat() throws Exception {
        assertThat(post("/webhooks/..%2fapi/tenants").statusCode()).isEqualTo(400);
        assertThat(post("/demo/..%2f..%2fsecret").statusCode()).isEqualTo(400);
    }

    private void stopApplication() throws LifecycleException {
        for (Container application : server.getTomcat().getHost().findChildren()) {
            application.stop();
        }
    }

    private HttpResponse<String> post(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getPort() + path))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
