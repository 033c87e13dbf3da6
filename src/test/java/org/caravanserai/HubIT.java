package org.caravanserai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** A whole hub with its metrics, on a port of its own, on the database and broker that the environment names. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "hub.home=target/it-home/${fork:1}/hub",
            "hub.routes=file:routes/**/*.camel.yaml",
            "hub.admin-api-key=" + HubIT.ADMIN_KEY,
            "hub.allow-private-networks=true",
            "hub.whatsapp.api-url=http://127.0.0.1:1" // nobody listens there
        })
@AutoConfigureObservability(tracing = false)
public abstract class HubIT {

    protected static final String ADMIN_KEY = "admin-key-of-the-integration-tests-0123456789";

    protected final HttpClient http = HttpClient.newHttpClient();

    @Autowired
    protected ObjectMapper json;

    @Autowired
    protected TenantTransactions transactions;

    @Autowired
    protected Ids ids;

    @LocalServerPort
    protected int port;

    /** An answer of the hub. */
    public record Answer(int status, JsonNode body) {}

    /** Calls the API with the admin key. @param body null for none */
    protected Answer call(String method, String path, Object body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(
                        body instanceof String text ? text : json.writeValueAsString(body));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + ADMIN_KEY)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                answer.statusCode(), answer.body().isEmpty() ? json.nullNode() : json.readTree(answer.body()));
    }

    /** Makes a tenant of its own for a test. */
    protected UUID newTenant() {
        UUID id = ids.next();
        transactions.run(id, jdbc -> jdbc.sql("insert into tenants (id, name) values (?, 'A tenant')")
                .param(id)
                .update());
        return id;
    }

    /** Makes a channel of the tenant's that leads nowhere. */
    protected UUID newChannel(UUID tenant) {
        UUID id = ids.next();
        transactions.run(tenant, jdbc -> jdbc.sql(
                        "insert into channels (id, tenant_id, type, name) values (?, ?, 'generic', 'Site')")
                .params(id, tenant)
                .update());
        return id;
    }

    /** Another hub on the same database, whose heart beat so many seconds ago. */
    protected UUID anotherHub(int secondsAgo) {
        UUID id = ids.next();
        transactions.acrossTenants(jdbc -> jdbc.sql(
                        "insert into instances (id, host, pid, heartbeat_at) values (?, 'other', 1, now() - interval '1 second' * ?)")
                .params(id, secondsAgo)
                .update());
        return id;
    }

    /** What is done at the end of an exchange that no route has. */
    protected static void end(Exchange exchange) {
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
    }
}
