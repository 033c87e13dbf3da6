package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantUrlsTest {

    private final TenantUrls urls = new TenantUrls(PrivateNetworksTest.networks(false));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "/hook",
                "ftp://example.com",
                "file:///etc/passwd",
                "http://",
                "http:///x",
                "https:hook",
                "http://user@8.8.8.8/",
                "http://user:secret@8.8.8.8/",
                "http://8.8.8.8/#x",
                "http://8.8.8.8:0/",
                "http://8.8.8.8:70000/",
                "http://a b/",
                "http://127.0.0.1/",
                "http://localhost/",
                "http://[::1]/",
                "http://[::ffff:10.0.0.1]/",
                "http://169.254.169.254/latest/meta-data",
                "http://2130706433/",
                "http://0x7f.1/",
                "http://192.168.0.1:8080/hook"
            })
    void refuses(String url) {
        assertThat(urls.problem(url)).as(url).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://8.8.8.8/hook?x=1", "http://8.8.8.8:8443", "https://[2606:4700::1111]/"})
    void takes(String url) {
        assertThat(urls.problem(url)).isEmpty();
    }

    @Test
    void refusesAnEndlessUrl() {
        assertThat(urls.problem("https://8.8.8.8/" + "x".repeat(2048))).isPresent();
    }
}
