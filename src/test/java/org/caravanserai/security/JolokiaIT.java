package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.caravanserai.administration.OnApi;
import org.caravanserai.embedded.HubHome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.test.context.TestPropertySource;

/** What the admin key may do with the MBeans of a running hub, all of them. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/jolokia",
            "hub.model.openai.api-key=" + JolokiaIT.OPENAI_KEY,
            "hub.model.anthropic.api-key=" + JolokiaIT.ANTHROPIC_KEY,
            "hub.embedding.openai.api-key=" + JolokiaIT.OPENAI_KEY,
            "hub.meta.app-secret=" + JolokiaIT.APP_SECRET,
            "hub.retrieval.rerank.api-key=" + JolokiaIT.RERANK_KEY
        })
class JolokiaIT extends OnApi {

    static final String OPENAI_KEY = "sk-openai-key-of-the-jolokia-test";
    static final String ANTHROPIC_KEY = "sk-ant-key-of-the-jolokia-test";
    static final String APP_SECRET = "app-secret-of-the-jolokia-test";
    static final String RERANK_KEY = "rerank-key-of-the-jolokia-test";
    private static final String SECRET_PROPERTY = "hub.jolokia-test-secret";
    private static final String SECRET_OF_PROCESS = "system-property-of-the-jolokia-test";

    @TempDir
    private static Path folder;

    @Autowired
    CamelContext camel;

    @Autowired
    HubHome home;

    @Autowired
    Environment environment;

    @BeforeAll
    static void keepsASecretInASystemProperty() {
        System.setProperty(SECRET_PROPERTY, SECRET_OF_PROCESS);
    }

    @AfterAll
    static void forgetsIt() {
        System.clearProperty(SECRET_PROPERTY);
    }

    @Test
    void showsNoSecretInAnyAttributeOfAnyMBean() throws Exception {
        NewTenant tenant = tenantWithKey();
        List<String> secrets = secrets();
        secrets.add(tenant.key());
        List<ObjectName> names =
                new ArrayList<>(ManagementFactory.getPlatformMBeanServer().queryNames(null, null));
        StringBuilder shown = new StringBuilder();
        int read = 0;
        for (int from = 0; from < names.size(); from += 50) {
            ArrayNode bulk = json.createArrayNode();
            names.subList(from, Math.min(names.size(), from + 50)).forEach(name -> bulk.addObject()
                    .put("type", "read")
                    .put("mbean", name.getCanonicalName())
                    .putObject("config")
                    .put("ignoreErrors", true));
            Reply reply = post("/actuator/jolokia?ignoreErrors=true", ADMIN, bulk);
            assertThat(reply.status()).isEqualTo(200);
            shown.append(reply.answer().body());
            for (JsonNode answer : reply.body()) {
                read += answer.path("status").asInt() == 200 ? 1 : 0;
            }
        }
        shown.append(post("/actuator/jolokia", ADMIN, Map.of("type", "list"))
                .answer()
                .body());

        assertThat(read).as("MBeans that were read").isGreaterThan(100);
        assertThat(shown.toString()).contains("conversation-answer").doesNotContain(secrets);
    }

    private List<String> secrets() throws IOException {
        List<String> secrets =
                new ArrayList<>(List.of(ADMIN, OPENAI_KEY, ANTHROPIC_KEY, APP_SECRET, RERANK_KEY, SECRET_OF_PROCESS));
        for (String file : List.of("postgres/superuser-password", "postgres/runtime-password")) {
            if (Files.exists(home.resolve(file))) {
                secrets.add(Files.readString(home.resolve(file)).strip());
            }
        }
        if (Files.exists(home.resolve(HubHome.KEY_SET))) {
            secrets.add(json.readTree(home.resolve(HubHome.KEY_SET).toFile())
                    .at("/key/0/keyData/value")
                    .asText());
        }
        String password = environment.getProperty("spring.datasource.password", "");
        if (password.length() > 8) {
            secrets.add(password);
        }
        return secrets;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // what writes
                "{'type':'write','mbean':'CONTEXT','attribute':'Tracing','value':true}",
                "{'type':'write','mbean':'java.lang:type=Memory','attribute':'Verbose','value':true}",
                "{'type':'exec','mbean':'java.util.logging:type=Logging','operation':'setLoggerLevel','arguments':['','ALL']}",
                // what runs code, ends the hub, or writes files
                "{'type':'exec','mbean':'com.sun.management:type=HotSpotDiagnostic','operation':'dumpHeap','arguments':['FILE',true]}",
                "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'jvmtiAgentLoad','arguments':[['/tmp/agent.so']]}",
                "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'vmLog','arguments':[['output=FILE']]}",
                "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'vmSystemProperties'}",
                "{'type':'exec','mbean':'com.sun.management:type=*','operation':'gcRun'}",
                "{'type':'exec','mbean':'jdk.management.jfr:type=FlightRecorder','operation':'newRecording'}",
                "{'type':'exec','mbean':'java.lang:type=Memory','operation':'gc'}",
                "{'type':'exec','mbean':'java.lang:type=Threading','operation':'dumpAllThreads(boolean,boolean)','arguments':[true,true]}",
                "{'type':'exec','mbean':'CONTEXT','operation':'stop'}",
                "{'type':'exec','mbean':'CONTEXT','operation':'stop()'}",
                "{'type':'exec','mbean':'CONTEXT','operation':'sendBody','arguments':['file:/tmp','x']}",
                "{'type':'exec','mbean':'CONTEXT','operation':'requestBody(java.lang.String,java.lang.Object)','arguments':['language:simple:${env:PATH}','x']}",
                "{'type':'exec','mbean':'CONTEXT','operation':'createEndpoint','arguments':['exec:id']}",
                "{'type':'exec','mbean':'CONTEXT','operation':'removeEndpoints','arguments':['*']}",
                "{'type':'exec','mbean':'CONTEXT','operation':'setGlobalOption','arguments':['a','b']}",
                "{'type':'exec','mbean':'CONTEXT','operation':'dumpRoutesAsXml(boolean)','arguments':[true]}",
                "{'type':'exec','mbean':'CONTEXT','operation':'dumpRoutesAsXml( boolean , boolean )','arguments':[true,true]}",
                "{'type':'exec','mbean':'ROUTE','operation':'remove'}",
                "{'type':'exec','mbean':'ROUTE','operation':'stopAndFail'}",
                "{'type':'exec','mbean':'ROUTE','operation':'updateRouteFromXml','arguments':['<route/>']}",
                "{'type':'exec','mbean':'TRACER','operation':'dumpAllTracedMessagesAsXml'}",
                "{'type':'exec','mbean':'DEBUGGER','operation':'evaluateExpressionAtBreakpoint','arguments':['a','simple','x']}",
                // by a pattern that matches more than it says
                "{'type':'exec','mbean':'org.apache.camel:*','operation':'stop()'}",
                "{'type':'exec','mbean':'org.apache.camel:type=routes,*','operation':'stop()'}",
                "{'type':'exec','mbean':'org.apache.*:type=routes,*','operation':'stop()'}",
                "{'type':'exec','mbean':'*:type=routes,*','operation':'stop()'}",
                // what shows settings
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'SystemProperties'}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':['Uptime','InputArguments']}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'ClassPath'}",
                "{'type':'read','mbean':'TRACER','attribute':'Enabled'}",
                "{'type':'read','mbean':'com.sun.management:type=HotSpotDiagnostic','attribute':'DiagnosticOptions'}",
                "{'type':'read','mbean':'jdk.management.jfr:type=FlightRecorder','attribute':'Configurations'}",
                "{'type':'read','mbean':'java.util.logging:type=Logging','attribute':'LoggerNames'}",
                "{'type':'read','mbean':'spring@:name=adminKey','attribute':'hash'}",
                "{'type':'read','mbean':'spring:name=adminKey','attribute':'hash'}",
                // what has other agents called, or keeps something for later
                "{'type':'read','mbean':'java.lang:type=Memory','attribute':'HeapMemoryUsage','target':{'url':'service:jmx:rmi:///jndi/rmi://127.0.0.1:1/jmxrmi'}}",
                "{'type':'exec','mbean':'proxy@java.lang:type=Memory','operation':'gc','target':{'url':'service:jmx:rmi:///jndi/ldap://127.0.0.1:1/x'}}",
                "{'type':'notification','command':'register'}",
                "{'type':'config','action':'debug','value':'true'}"
            })
    void refuses(String request) throws Exception {
        Path file = folder.resolve("written");
        String body = request.replace('\'', '"')
                .replace("CONTEXT", escaped("type=context"))
                .replace("ROUTE", escaped("type=routes,name=\"tools-hand-over-to-human\""))
                .replace("TRACER", escaped("type=tracer,name=BacklogTracer"))
                .replace("DEBUGGER", escaped("type=tracer,name=BacklogDebugger"))
                .replace("FILE", file.toString());

        Reply reply = post("/actuator/jolokia", ADMIN, body);

        assertThat(reply.status()).isIn(200, 400);
        assertThat(reply.body().path("value").isMissingNode())
                .as(reply.answer().body())
                .isTrue();
        assertThat(reply.body().path("status").asInt(400))
                .as(reply.answer().body())
                .isNotEqualTo(200);
        assertThat(file).doesNotExist();
        assertThat(camel.getStatus()).isEqualTo(ServiceStatus.Started);
    }

    /** An MBean's name in this process, as a JSON text holds it. */
    private static String escaped(String properties) throws Exception {
        return name(properties)
                .map(name -> name.replace("\"", "\\\""))
                .orElse("org.apache.camel:" + properties.split(",")[0]);
    }

    private static java.util.Optional<String> name(String properties) throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.camel:" + properties + ",*"), null)
                .stream()
                .map(ObjectName::getCanonicalName)
                .findFirst();
    }

    @Test
    void hidesWhatItRefuses() {
        String list = post("/actuator/jolokia", ADMIN, Map.of("type", "list"))
                .answer()
                .body();

        assertThat(list)
                .contains("org.apache.camel", "java.lang")
                .doesNotContain("HotSpotDiagnostic", "DiagnosticCommand", "FlightRecorder", "java.util.logging");
    }

    @Test
    void letsAnOperatorLookAtRoutesAndStopAndStartOne() throws Exception {
        // this hub's: other tests of this JVM have contexts, too
        String context = "org.apache.camel:context=" + camel.getManagementName() + ",type=context,name=\""
                + camel.getName() + "\"";
        String id = "tools-hand-over-to-human";
        String route = "org.apache.camel:context=" + camel.getManagementName() + ",type=routes,name=\"" + id + "\"";

        JsonNode routes = exec(context, "dumpRoutesAsXml()");
        JsonNode statistics = exec(context, "dumpRoutesStatsAsXml", true, true);
        exec(route, "stop()");
        ServiceStatus stopped = camel.getRouteController().getRouteStatus(id);
        exec(route, "start()");

        assertThat(routes.path("value").asText()).contains("conversation-answer");
        assertThat(statistics.path("status").asInt()).isEqualTo(200);
        assertThat(stopped).isEqualTo(ServiceStatus.Stopped);
        assertThat(camel.getRouteController().getRouteStatus(id)).isEqualTo(ServiceStatus.Started);
    }

    private JsonNode exec(String mbean, String operation, Object... arguments) {
        Reply reply = post(
                "/actuator/jolokia",
                ADMIN,
                Map.of("type", "exec", "mbean", mbean, "operation", operation, "arguments", List.of(arguments)));
        assertThat(reply.body().path("status").asInt())
                .as(reply.answer().body())
                .isEqualTo(200);
        return reply.body();
    }
}
