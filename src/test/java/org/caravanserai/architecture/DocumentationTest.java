package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.FileSystemResource;

/** What the documents name is there: files, commands, profiles, settings. */
class DocumentationTest {

    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]+)");
    private static final Pattern FILE =
            Pattern.compile("(?<![\\w/.$-])((?:src|routes|config|bin|examples|\\.ci)/[\\w./-]*\\w)");
    private static final Pattern CLASS = Pattern.compile("`((?:[a-z]+/)*(?!Origin`)[A-Z][A-Za-z0-9]+)`");
    private static final Pattern PROFILE = Pattern.compile("\\./mvnw[^\\n`]*?-P(\\w+)");
    private static final Pattern GOAL = Pattern.compile("\\./mvnw[^\\n`]*?((?:spring-boot|spotless):\\w+)");
    private static final Pattern VARIABLE = Pattern.compile("\\bHUB_[A-Z0-9_]*[A-Z0-9]");
    private static final Pattern PROPERTY = Pattern.compile("`(hub\\.[a-z0-9-]+[.][a-z0-9.-]*[a-z0-9])`");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "CONTRIBUTING.md",
                "SECURITY.md",
                "docs/threat-model.md",
                "routes/README.md",
                "config/README.md",
                "src/bench/README.md"
            })
    void namesOnlyWhatIsThere(String document) throws IOException {
        String text = Files.readString(Path.of(document));
        Path folder = Path.of(document).toAbsolutePath().getParent();
        String pom = Files.readString(Path.of("pom.xml"));
        Properties settings = settings();
        String code = settings + Files.readString(Path.of("config/application.yaml")) + variablesOfCode();
        TreeSet<String> missing = new TreeSet<>();

        LINK.matcher(text).results().map(found -> found.group(1)).forEach(target -> {
            if (!Files.exists(folder.resolve(target))) {
                missing.add("link " + target);
            }
        });
        FILE.matcher(text).results().map(found -> found.group(1)).forEach(file -> {
            if (!exists(Path.of(file)) && !exists(folder.resolve(file))) {
                missing.add("file " + file);
            }
        });
        PROFILE.matcher(text).results().map(DocumentationTest::first).forEach(profile -> {
            if (!pom.contains("<id>" + profile + "</id>")) {
                missing.add("profile " + profile);
            }
        });
        GOAL.matcher(text).results().map(DocumentationTest::first).forEach(goal -> {
            if (!pom.contains(goal.split(":")[0] + "-maven-plugin")) {
                missing.add("goal " + goal);
            }
        });
        VARIABLE.matcher(text).results().map(MatchResult::group).forEach(variable -> {
            if (!code.contains(variable) && !settings.containsKey(asProperty(variable, settings))) {
                missing.add("variable " + variable);
            }
        });
        PROPERTY.matcher(text).results().map(DocumentationTest::first).forEach(property -> {
            String emptyMap = property.substring(property.lastIndexOf('.') + 1) + ": {}";
            boolean isThere = code.contains(emptyMap)
                    || settings.stringPropertyNames().stream()
                            .anyMatch(name -> name.equals(property)
                                    || name.startsWith(property + ".")
                                    || name.startsWith(property + "["));
            if (!isThere) {
                missing.add("property " + property);
            }
        });

        assertThat(missing).isEmpty();
    }

    /** What is said to defend is there: classes of the hub, tests with their package, readers that are fuzzed. */
    @Test
    void theThreatModelNamesOnlyDefencesThatAreThere() throws IOException {
        String text = Files.readString(Path.of("docs/threat-model.md"));
        TreeSet<String> classes = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            sources.map(Path::toString)
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .forEach(classes::add);
        }
        TreeSet<String> missing = new TreeSet<>();

        CLASS.matcher(text).results().map(DocumentationTest::first).forEach(name -> {
            if (classes.stream().noneMatch(path -> path.endsWith("/" + name))) {
                missing.add(name);
            }
        });

        assertThat(missing).isEmpty();
    }

    private static String first(MatchResult found) {
        return found.group(1);
    }

    /** A route may be named without its ending, as its id is. */
    private static boolean exists(Path path) {
        return Files.exists(path) || Files.exists(path.resolveSibling(path.getFileName() + ".camel.yaml"));
    }

    private static String asProperty(String variable, Properties settings) {
        String bare = variable.replace("_", "").toLowerCase();
        return settings.stringPropertyNames().stream()
                .filter(name -> name.replaceAll("[.-]", "").equalsIgnoreCase(bare))
                .findFirst()
                .orElse("");
    }

    private static Properties settings() {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new FileSystemResource("config/application.yaml"));
        Properties texts = new Properties();
        yaml.getObject().forEach((name, value) -> texts.setProperty((String) name, value.toString()));
        return texts;
    }

    private static String variablesOfCode() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String source : new String[] {
            "src/main/java/org/caravanserai/startup/HubFolders.java",
            "src/test/java/org/caravanserai/acceptance/ExternalParts.java"
        }) {
            text.append(Files.readString(Path.of(source)));
        }
        return text.toString();
    }
}
