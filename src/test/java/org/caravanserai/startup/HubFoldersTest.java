package org.caravanserai.startup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogs;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class HubFoldersTest {

    @TempDir
    private Path folder;

    @Test
    void readsRoutesAndSettingsFromTheFoldersThatTheOperatorNames() {
        ConfigurableEnvironment environment =
                decide(Map.of("HUB_ROUTES_DIR", folder.toString(), "HUB_CONFIG_DIR", folder.toString()));

        assertThat(environment.getProperty("hub.routes"))
                .isEqualTo("file:" + folder + "/**/*.camel.yaml,file:" + folder + "/**/*.java");
        assertThat(environment.getProperty("spring.config.location")).isEqualTo("file:" + folder + "/");
    }

    @Test
    void readsThoseOfTheWorkingFolderWhereNoneIsNamed() {
        assertThat(decide(Map.of()).getProperty("hub.routes"))
                .isEqualTo("file:routes/**/*.camel.yaml,file:routes/**/*.java");
    }

    @Test
    void namesTheVariableThatPointsNowhere() {
        Map<String, Object> nowhere =
                Map.of("HUB_ROUTES_DIR", folder.resolve("missing").toString());

        assertThatThrownBy(() -> decide(nowhere))
                .isInstanceOfSatisfying(StartupFailure.class, failure -> assertThat(failure.action())
                        .contains("HUB_ROUTES_DIR"))
                .hasMessageContaining("missing");
    }

    private static ConfigurableEnvironment decide(Map<String, Object> given) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("given", given));
        new HubFolders(new DeferredLogs()).postProcessEnvironment(environment, new SpringApplication());
        return environment;
    }
}
