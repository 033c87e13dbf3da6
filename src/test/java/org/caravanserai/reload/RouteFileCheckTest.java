package org.caravanserai.reload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RouteFileCheckTest {

    private static final String GOOD = """
            - route:
                id: greet
                from:
                  uri: direct:greet
                  steps:
                    - log: hello
            """;

    private final RouteFileCheck check = new RouteFileCheck();

    @Test
    void findsNothingWrongWithAGoodRoute() {
        assertThat(check.problem("file:routes/greet.camel.yaml", GOOD)).isEmpty();
    }

    @Test
    void namesFileAndLineAndWhatToWriteInstead() {
        assertThat(check.problem("file:routes/greet.camel.yaml", GOOD.replace("steps:", "stepps:")))
                .hasValueSatisfying(problem -> assertThat(problem)
                        .contains("routes/greet.camel.yaml, line 6", "stepps", "Write one of:", "steps, uri"));
    }

    @Test
    void namesTheLineThatIsNoYaml() {
        assertThat(check.problem("file:routes/greet.camel.yaml", GOOD.replace("id: greet", "id: [greet")))
                .hasValueSatisfying(problem -> assertThat(problem).contains("line"));
    }

    @Test
    void namesTheLineThatDoesNotCompile() {
        String java = """
                import org.apache.camel.builder.RouteBuilder;

                public class Greet extends RouteBuilder {
                    public void configure() {
                        from("direct:greet").logg("hello");
                    }
                }
                """;

        assertThat(check.problem("file:routes/Greet.java", java.replace("logg", "log")))
                .isEmpty();
        assertThat(check.problem("file:routes/Greet.java", java))
                .hasValueSatisfying(problem -> assertThat(problem).contains("Greet.java:5", "logg"));
    }
}
