package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;

/** Walks the files of the project and lists everything that should not be in them. */
class ProjectFilesTest {

    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern EMPTY_CATCH = Pattern.compile("catch *\\([^)]*\\) *\\{\\s*}");
    private static final int JAVA_LINES_MAX = 400;

    @Test
    void javaFilesAreShortFinishedAndSwallowNothing() throws IOException {
        List<String> violations = new ArrayList<>();
        for (Path file : files("src", ".java")) {
            String text = Files.readString(file);
            if (text.lines().count() > JAVA_LINES_MAX) {
                violations.add(file + " has over " + JAVA_LINES_MAX + " lines");
            }
            if (UNFINISHED.matcher(text).find()) {
                violations.add(file + " is marked as unfinished");
            }
            if (EMPTY_CATCH.matcher(text).find()) {
                violations.add(file + " swallows an exception");
            }
        }

        assertThat(violations).isEmpty();
    }

    @Test
    void yamlHasNoTabsAndNoTrailingSpaces() throws IOException {
        List<String> violations = new ArrayList<>();
        for (String folder : List.of("routes", "config")) {
            for (Path file : files(folder, ".yaml")) {
                String text = Files.readString(file);
                if (text.contains("\t") || text.lines().anyMatch(line -> line.endsWith(" ")) || !text.endsWith("\n")) {
                    violations.add(file + " has tabs, trailing spaces, or no new line at its end");
                }
            }
        }

        assertThat(violations).isEmpty();
    }

    @Test
    void everyPropertyOfTheHubIsDocumented() throws IOException {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new FileSystemResource("config/application.yaml"));
        Properties properties = yaml.getObject();
        String documentation = Files.readString(Path.of("config/README.md"), StandardCharsets.UTF_8);

        TreeSet<String> missing = new TreeSet<>();
        for (String name : properties.stringPropertyNames()) {
            String plain = name.replaceAll("\\[.*", "");
            String lastPart = plain.substring(plain.lastIndexOf('.') + 1);
            if (plain.startsWith("hub.")
                    && !documentation.contains(plain)
                    && !documentation.contains("`." + lastPart)) {
                missing.add(plain);
            }
        }

        assertThat(missing).as("properties that config/README.md does not name").isEmpty();
    }

    @Test
    void everyFileThatTheDocumentationNamesIsThere() throws IOException {
        Pattern path = Pattern.compile("`((?:routes|config|src|\\.ci)/[\\w./-]+[\\w/])`");
        List<String> missing = new ArrayList<>();
        for (String document : List.of(
                "README.md",
                "SECURITY.md",
                "docs/threat-model.md",
                "routes/README.md",
                "config/README.md",
                "CONTRIBUTING.md")) {
            path.matcher(Files.readString(Path.of(document)))
                    .results()
                    .map(match -> match.group(1))
                    .forEach(named -> {
                        if (!Files.exists(Path.of(named))) {
                            missing.add(document + " names " + named);
                        }
                    });
        }

        assertThat(missing).isEmpty();
    }

    private static List<Path> files(String folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
