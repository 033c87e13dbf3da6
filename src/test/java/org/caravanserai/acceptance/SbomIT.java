package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The list of parts that lies in the jar, against the jar. */
class SbomIT {

    private static final Path JAR = Path.of(System.getProperty("hub.jar", "target/caravanserai.jar"));
    private static final String IN_JAR = "META-INF/sbom/application.cdx.json";
    private static final String LIBRARIES = "BOOT-INF/lib/";

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void namesTheMainPartsWithTheirHashes() throws IOException {
        JsonNode bom = bom();

        assertThat(bom.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(bom.at("/metadata/component/name").asText()).isEqualTo("caravanserai");
        TreeMap<String, JsonNode> parts = new TreeMap<>();
        bom.path("components").forEach(part -> parts.put(part.path("name").asText(), part));
        assertThat(parts)
                .containsKeys(
                        "spring-boot",
                        "tomcat-embed-core",
                        "camel-core-engine",
                        "postgresql",
                        "lucene-core",
                        "langchain4j",
                        "tika-core",
                        "qpid-broker-core")
                .doesNotContainKeys("junit-jupiter-api", "jazzer", "archunit");
        assertThat(parts.get("lucene-core").path("purl").asText())
                .startsWith("pkg:maven/org.apache.lucene/lucene-core@");
        assertThat(parts.get("lucene-core").path("hashes")).isNotEmpty();
    }

    /** Nothing is in the jar that the list does not name. */
    @Test
    void namesEveryLibraryOfTheJar() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        for (JsonNode part : bom().path("components")) {
            named.add(part.path("name").asText() + "-" + part.path("version").asText());
        }
        List<String> unnamed = new ArrayList<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                String entry = entries.nextElement().getName();
                if (entry.startsWith(LIBRARIES) && entry.endsWith(".jar")) {
                    String library = entry.substring(LIBRARIES.length(), entry.length() - ".jar".length());
                    if (named.stream().noneMatch(name -> library.equals(name) || library.startsWith(name + "-"))) {
                        unnamed.add(library);
                    }
                }
            }
        }

        // Spring Boot's own, which it adds as it packs
        unnamed.removeIf(library -> library.startsWith("spring-boot-jarmode-tools-"));
        assertThat(unnamed).isEmpty();
    }

    @Test
    void isTheOneBesideTheJar() throws IOException {
        assertThat(bom()).isEqualTo(json.readTree(Files.readAllBytes(JAR.resolveSibling("application.cdx.json"))));
        assertThat(bom().has("serialNumber")).as("another in each build").isFalse();
    }

    private JsonNode bom() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile());
                InputStream list = jar.getInputStream(jar.getJarEntry(IN_JAR))) {
            return json.readTree(list);
        }
    }
}
