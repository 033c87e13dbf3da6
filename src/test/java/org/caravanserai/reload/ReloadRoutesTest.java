package org.caravanserai.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadRoutesTest {

    private static final String GREET = """
            - route:
                id: greet
                routeConfigurationId: calm
                from:
                  uri: direct:greet
                  steps:
                    - setBody:
                        constant: first
            """;
    private static final String CALM = """
            - routeConfiguration:
                id: calm
                onException:
                  - onException:
                      exception:
                        - java.lang.Throwable
                      handled:
                        constant: "true"
                      steps:
                        - setBody:
                            constant: calm
            """;

    private final CamelContext camel = new DefaultCamelContext();

    @TempDir
    private Path folder;

    private Path greet;
    private Path policy;
    private ReloadRoutes reload;

    @BeforeEach
    void run() throws Exception {
        greet = folder.resolve("greet.camel.yaml");
        policy = Files.createDirectories(folder.resolve("policy")).resolve("calm.camel.yaml");
        Files.writeString(greet, GREET);
        Files.writeString(policy, CALM);
        for (Path file : new Path[] {policy, greet}) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(ResourceHelper.fromString("file:" + file, Files.readString(file)));
        }
        camel.start();
        reload = new ReloadRoutes(camel, folder);
    }

    @AfterEach
    void stop() throws Exception {
        camel.close();
    }

    @Test
    void takesAChangedRouteIn() throws IOException {
        change(greet, GREET.replace("first", "second"));

        assertThat(answer()).isEqualTo("second");
    }

    @Test
    void takesANewFileIn() throws IOException {
        change(folder.resolve("part.camel.yaml"), GREET.replace("greet", "part").replace("first", "new"));

        assertThat(camel.createProducerTemplate().requestBody("direct:part", "", String.class))
                .isEqualTo("new");
        assertThat(answer()).isEqualTo("first");
    }

    @Test
    void letsTheRouteRunOnWhoseFileCannotBeRead() throws IOException {
        change(greet, GREET.replace("steps:", "stepps:"));
        change(greet, "- route: [");
        change(greet, "");

        assertThat(answer()).isEqualTo("first");
    }

    @Test
    void putsTheRouteBackWhoseSuccessorDoesNotStart() throws IOException {
        change(greet, GREET.replace("uri: direct:greet", "uri: direct:greet?blok=true"));
        assertThat(answer()).isEqualTo("first");

        change(greet, GREET.replace("constant: first", "simple: \"{{no.such.property}}\""));
        assertThat(answer()).isEqualTo("first");
    }

    @Test
    void takesTheNextGoodVersionAfterARefusedOne() throws IOException {
        change(greet, GREET.replace("steps:", "stepps:"));
        change(greet, GREET.replace("first", "third"));

        assertThat(answer()).isEqualTo("third");
    }

    @Test
    void buildsRoutesAnewWhosePolicyChanged() throws IOException {
        String failing = GREET.replace("setBody:", "throwException:")
                .replace("constant: first", "message: no\n            exceptionType: java.lang.IllegalStateException");
        change(greet, failing);
        assertThat(answer()).isEqualTo("calm");

        change(policy, CALM.replace("constant: calm", "constant: calmer"));

        assertThat(answer()).isEqualTo("calmer");
    }

    @Test
    void letsARouteRunOnWhoseFileIsGone() throws IOException {
        Files.delete(greet);

        reload.reload(greet);

        assertThat(answer()).isEqualTo("first");
    }

    private void change(Path file, String text) throws IOException {
        Files.writeString(file, text);
        reload.reload(file);
    }

    private String answer() {
        return camel.createProducerTemplate().requestBody("direct:greet", "", String.class);
    }
}
