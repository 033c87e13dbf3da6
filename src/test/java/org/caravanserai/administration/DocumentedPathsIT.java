package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.server.PathContainer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** Every path that the documents name is served. */
class DocumentedPathsIT extends OnApi {

    private static final List<String> DOCUMENTS = List.of("README.md", "routes/README.md", "config/README.md");
    private static final Pattern PATH = Pattern.compile("/(?:api|actuator|demo)(?:/[\\w{}.-]+)*");

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping handlers;

    @Test
    void pathsOfTheApiHaveAHandler() throws IOException {
        List<PathPattern> served = handlers.getHandlerMethods().keySet().stream()
                .flatMap(mapping -> mapping.getPathPatternsCondition().getPatterns().stream())
                .toList();

        assertThat(named())
                .isNotEmpty()
                .filteredOn(path -> !path.startsWith("/actuator"))
                .allSatisfy(path -> assertThat(served)
                        .as(path)
                        .anyMatch(
                                pattern -> pattern.matches(PathContainer.parsePath(path.replaceAll("\\{\\w+}", "x")))));
    }

    @Test
    void pathsOfTheActuatorAnswer() throws IOException {
        assertThat(named())
                .filteredOn(path -> path.startsWith("/actuator"))
                .isNotEmpty()
                .allSatisfy(path -> assertThat(get(path, ADMIN).status())
                        .as(path)
                        // the console leads on to its first page, and Jolokia takes no GET
                        .isIn(200, path.endsWith("/hawtio") ? 302 : 200, path.endsWith("/jolokia") ? 405 : 200));
    }

    private static Set<String> named() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String document : DOCUMENTS) {
            text.append(Files.readString(Path.of(document)));
        }
        return PATH.matcher(text.toString().replaceAll("org/caravanserai/\\S+", ""))
                .results()
                .map(MatchResult::group)
                .map(path -> path.replaceAll("\\.$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
