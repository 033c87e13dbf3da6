package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Who tries keys out. */
@ExtendWith(OutputCaptureExtension.class)
class KeyGuessesIT extends OnLimits {

    private static final String TENANTS = "/api/tenants";

    @Test
    void answersFewOfFifteenHundredGuesses(CapturedOutput log) {
        List<Integer> statuses =
                statuses(1500, i -> with("cva_guess-number-" + i + "-of-many", "192.0.2.1", TENANTS, null));

        // ten at once, and one more in 6 s while it lasts
        assertThat(count(statuses, 401)).isBetween(10L, 16L);
        assertThat(count(statuses, 429)).isEqualTo(1500 - count(statuses, 401));
        Reply refused = with("cva_another-guess", "192.0.2.1", TENANTS, null);
        assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
        assertThat(refused.text("/detail")).contains("wrong keys", "Try again in");
        assertThat(log.getAll()).contains("192.0.2.1: wrong key").doesNotContain("guess-number", "another-guess");
        assertThat(log.getAll().lines().filter(line -> line.contains("192.0.2.1")))
                .hasSizeLessThan(12);
        assertThat(metric("hub_rejected_total"))
                .anyMatch(line -> line.contains("reason=\"wrong_key\""))
                .anyMatch(line -> line.contains("reason=\"wrong_keys_too_often\""))
                .noneMatch(line -> line.contains("192.0.2.1"));
    }

    @Test
    void leavesRightKeysOfTheSameAddressAlone() {
        NewTenant tenant = tenantWithKey();
        assertThat(with(tenant.key(), "192.0.2.2", tenant.path(""), null).status())
                .isEqualTo(200);
        statuses(30, i -> with("cva_guess" + i, "192.0.2.2", TENANTS, null));

        assertThat(with(ADMIN, "192.0.2.2", tenant.path(""), null).status()).isEqualTo(200);
        assertThat(with(tenant.key(), "192.0.2.2", tenant.path(""), null).status())
                .isEqualTo(200);
        assertThat(with("cva_one-more", "192.0.2.2", TENANTS, null).status()).isEqualTo(429);
        assertThat(with("cva_one-more", "192.0.2.3", TENANTS, null).status()).isEqualTo(401);
    }

    @Test
    void takesAKeyThatWasJustMadeFromAnAddressThatGuesses() {
        statuses(30, i -> with("cva_guess" + i, "192.0.2.10", TENANTS, null));
        NewTenant fresh = tenantWithKey();

        assertThat(with(fresh.key(), "192.0.2.10", fresh.path(""), null).status())
                .isEqualTo(200);
    }

    @Test
    void letsAKeyThatWasRightBeTriedAgainOnceItIsNoLongerCached() {
        NewTenant tenant = tenantWithKey();
        with(tenant.key(), "192.0.2.9", tenant.path(""), null);
        statuses(30, i -> with("cva_guess" + i, "192.0.2.4", TENANTS, null));

        await().pollDelay(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        with(tenant.key(), "192.0.2.4", tenant.path(""), null).status() == 200);
    }

    @Test
    void takesTheSameWrongKeyForAProgramsOldOneUntilThereIsTooMuchOfIt() {
        List<Integer> few = statuses(100, i -> with("cva_an-old-key", "192.0.2.5", TENANTS, null));
        List<Integer> many = statuses(1400, i -> with("cva_an-old-key", "192.0.2.5", TENANTS, null));

        assertThat(few).containsOnly(401);
        assertThat(count(many, 429)).isGreaterThan(1200);
        assertThat(with(ADMIN, "192.0.2.5", TENANTS, null).status()).isEqualTo(200);
    }

    @Test
    void countsPasswordsOfTheConsoleAndOtherSchemesToo() {
        List<Integer> console = statuses(40, i -> basic("192.0.2.6", "/actuator/jolokia/version", "guess" + i));
        List<Integer> api = statuses(40, i -> basic("192.0.2.7", TENANTS, "guess" + i));

        assertThat(count(console, 401)).isBetween(10L, 12L);
        assertThat(count(console, 429)).isEqualTo(40 - count(console, 401));
        assertThat(count(api, 401)).isBetween(10L, 12L);
        assertThat(with("cva_guess", "192.0.2.6", TENANTS, null).status()).isEqualTo(429);
    }

    @Test
    void slowsDownWhoGuessesTheVerifyTokenOfADoor() {
        NewTenant tenant = tenantWithKey();
        String door = "/webhooks/whatsapp/" + whatsapp(tenant);
        String right = door + "?hub.mode=subscribe&hub.challenge=7&hub.verify_token=the-verify-token";

        List<Integer> guesses = statuses(
                40,
                i -> without(
                        "192.0.2.8", door + "?hub.mode=subscribe&hub.challenge=7&hub.verify_token=guess" + i, null));

        assertThat(count(guesses, 403)).isBetween(10L, 12L);
        assertThat(count(guesses, 429)).isEqualTo(40 - count(guesses, 403));
        assertThat(without("192.0.2.8", right, null).status())
                .as("a guess says nothing")
                .isEqualTo(429);
        Reply shaken = without("198.51.100.8", right, null);
        assertThat(shaken.status()).isEqualTo(200);
        assertThat(shaken.answer().body()).isEqualTo("7");
    }

    private Reply basic(String address, String path, String password) {
        String given = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request = from(address, path, null).header("Authorization", "Basic " + given);
        return send(request.build());
    }

    private String whatsapp(NewTenant tenant) {
        return post(
                        tenant.path("/channels"),
                        ADMIN,
                        Map.of(
                                "type",
                                "whatsapp",
                                "name",
                                "Desk",
                                "config",
                                Map.of(
                                        "phoneNumberId",
                                        "7" + System.nanoTime(),
                                        "accessToken",
                                        "token",
                                        "appSecret",
                                        "the-app-secret",
                                        "verifyToken",
                                        "the-verify-token")))
                .text("/id");
    }
}
