package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.validation.ValidationAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ModelPropertiesTest {

    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ValidationAutoConfiguration.class))
            .withUserConfiguration(Properties.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties({ModelProperties.class, EmbeddingProperties.class})
    static class Properties {}

    @ParameterizedTest
    @CsvSource({
        "hub.model.provider=gpt, provider, 'write extractive, openai, anthropic'",
        "hub.model.provider=openai, providerUsable, OPENAI_API_KEY",
        "hub.model.openai.url=example.org, url, write a URL such as",
        "hub.model.provider=anthropic, providerUsable, ANTHROPIC_API_KEY",
        "hub.model.provider=groq, providerUsable, GROQ_API_KEY",
        "hub.model.max-attempts=0, maxAttempts, at least 1",
        "hub.model.max-answer=1KB, maxAnswerBounded, from 64KB to 64MB",
        "hub.model.timeout=0s, timeoutBounded, from 1s to 10m",
        "hub.embedding.provider=ollama, provider, write embedded",
        "hub.embedding.model=ada, model, write bge-small-en-v1.5"
    })
    void stopsTheStartSayingWhatToWrite(String property, String name, String advice) {
        context.withPropertyValues(property).run(started -> assertThat(started)
                .getFailure()
                .rootCause()
                .hasMessageContaining(name)
                .hasMessageContaining(advice));
    }

    @ParameterizedTest
    @CsvSource({
        "hub.model.provider=",
        "hub.model.provider=extractive",
        "hub.model.provider=ollama",
        "hub.embedding.model=bge-small-en-v1.5",
        "hub.model.openai.url=http://127.0.0.1:8089/v1"
    })
    void startsWithWhatIsAllowed(String property) {
        context.withPropertyValues(property).run(started -> assertThat(started).hasNotFailed());
    }
}
