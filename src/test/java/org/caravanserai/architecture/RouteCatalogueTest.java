package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;

class RouteCatalogueTest {

    private static final String GOOD = """
            - route:
                id: inbound-fax
                description: Takes a fax.
                routeConfigurationId: door
                from:
                  uri: direct:inbound-fax
                  steps:
                    - log: "{{hub.fax.greeting}}"
            """;
    private static final String POLICY = """
            - routeConfiguration:
                id: door
                errorHandler:
                  noErrorHandler: {}
            """;

    @TempDir
    Path folder;

    @Test
    void everyRouteOfTheProjectKeepsTheRules() throws IOException {
        assertThat(project().check()).isEmpty();
    }

    @Test
    void theTableInTheReadmeNamesEveryRouteAndNoOther() throws IOException {
        RouteCatalogue catalogue = project();
        catalogue.check();
        Set<String> named = Pattern.compile(
                        "(?m)^\\| `((?:inbound|conversation|outbound|webhook|document|maintenance|tools)-[a-z-]+)`")
                .matcher(Files.readString(Path.of("routes/README.md")).split("\\| policy \\|")[0])
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).isEqualTo(catalogue.routeIds());
    }

    @Test
    void acceptsAGoodRoute() throws IOException {
        assertThat(check(GOOD)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            id: inbound-fax           | id: fax                    | must have the id inbound-fax
            Takes a fax.              | fax                        | description
            routeConfigurationId: door| routeConfigurationId: dor  | names the policy dor
            direct:inbound-fax        | direct:other               | must read direct:inbound-fax
            hub.fax.greeting          | hub.fax.unknown            | define it in config/application.yaml
            log:                      | logg:                      | not Camel's YAML
            '- log: "{{hub.fax.greeting}}"'| '- to: http:example'   | without id
            '- log: "{{hub.fax.greeting}}"'| '- to: direct:nowhere' | no route has that id
            direct:inbound-fax        | direct:inbound-fax?block=false | options in a uri
            """)
    void namesWhatIsWrong(String right, String wrong, String message) throws IOException {
        assertThat(GOOD).contains(right);

        assertThat(check(GOOD.replace(right, wrong)))
                .anySatisfy(violation -> assertThat(violation).contains(message));
    }

    @Test
    void refusesTwoRoutesInAFileAndALongOne() throws IOException {
        assertThat(check(GOOD + GOOD)).anyMatch(violation -> violation.contains("exactly one route"));
        assertThat(check(GOOD + "# more\n".repeat(60))).anyMatch(violation -> violation.contains("lines"));
    }

    private List<String> check(String route) throws IOException {
        Files.createDirectories(folder.resolve("inbound"));
        Files.createDirectories(folder.resolve("policy"));
        Files.writeString(folder.resolve("inbound/fax.camel.yaml"), route);
        Files.writeString(folder.resolve("policy/door.camel.yaml"), POLICY);
        return new RouteCatalogue(folder, Set.of("hub.fax.greeting"), Set.of(), "\"direct:inbound-fax\"").check();
    }

    private static RouteCatalogue project() throws IOException {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new FileSystemResource("config/application.yaml"));
        Properties properties = yaml.getObject();
        Set<String> queues = properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("hub.broker.queues["))
                .map(properties::getProperty)
                .collect(Collectors.toSet());
        StringBuilder java = new StringBuilder();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(p -> p.toString().endsWith(".java")).toList()) {
                java.append(Files.readString(source));
            }
        }
        return new RouteCatalogue(Path.of("routes"), properties.stringPropertyNames(), queues, java.toString());
    }
}
