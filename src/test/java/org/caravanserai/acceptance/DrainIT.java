package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.caravanserai.standin.StandInGraphApi;
import org.caravanserai.standin.StandInModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM while the model is thinking, more waits, and messages come in. */
class DrainIT {

    private static final int PLACES = 20;
    private static final Duration THINKING = Duration.ofSeconds(4);

    @Test
    void finishesWhatIsInFlightBeginsNothingNewAndLosesNothing(@TempDir Path folder) throws Exception {
        try (StandInModel model = new StandInModel(THINKING);
                Town town = new Town(folder.resolve("home"), "PT0S", settings(model));
                ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            Set<String> accepted = ConcurrentHashMap.newKeySet();
            AtomicBoolean isOver = new AtomicBoolean();
            model.hold(); // a slow machine could not have all of them ask before the first has its answer
            IntStream.range(0, 2 * PLACES).forEach(i -> write(town, i, accepted));
            await().atMost(Duration.ofSeconds(60)).until(() -> model.waiting() == PLACES);
            CompletableFuture<Void> traffic = CompletableFuture.runAsync(
                    () -> IntStream.range(2 * PLACES, 100_000)
                            .takeWhile(i -> !isOver.get())
                            .forEach(i -> write(town, i, accepted)),
                    senders);
            int asked = model.asked();
            model.goOn();

            long began = System.nanoTime();
            boolean hasEnded = town.hub.terminate();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            isOver.set(true);
            traffic.get(30, TimeUnit.SECONDS);

            assertThat(hasEnded).as("ended within 30 s").isTrue();
            assertThat(took).isLessThan(Duration.ofSeconds(30));
            assertThat(model.waiting()).as("model calls that were left alone").isZero();
            assertThat(model.asked()).as("turns begun while it drained").isLessThanOrEqualTo(asked + PLACES);
            int askedUntilEnd = model.asked();

            town.hub.launch();
            town.hub.awaitReady();

            // one that was stored may have lost its answer when the door closed; its sender would post it again
            await().atMost(Duration.ofSeconds(120))
                    .untilAsserted(() -> assertThat(town.graph.sends()).hasSize(conversations(town)));
            assertThat(town.graph.sends())
                    .extracting(StandInGraphApi.Sent::to)
                    .doesNotHaveDuplicates()
                    .containsAll(accepted);
            assertThat(model.asked())
                    .as("what was in flight was finished and not begun again, after " + askedUntilEnd)
                    .isEqualTo(conversations(town));
        }
    }

    @Test
    void endsInTimeWhateverDoesNot(@TempDir Path folder) throws Exception {
        try (StandInModel model = new StandInModel(Duration.ofMinutes(5));
                Town town = new Town(folder.resolve("home"), "PT0S", endlessly(model));
                Socket sender =
                        new Socket(town.hub.uri().getHost(), town.hub.uri().getPort())) {
            Set<String> accepted = ConcurrentHashMap.newKeySet();
            IntStream.range(0, 3).forEach(i -> write(town, i, accepted));
            sender.getOutputStream()
                    .write(("POST /webhooks/whatsapp/" + town.channel
                                    + " HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000\r\n"
                                    + "Content-Type: application/json\r\n\r\nhalf of")
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(Duration.ofSeconds(60)).until(() -> model.waiting() == 3);

            long began = System.nanoTime();
            boolean hasEnded = town.hub.terminate();

            assertThat(hasEnded)
                    .as("ended within 30 s, after " + Duration.ofNanos(System.nanoTime() - began))
                    .isTrue();
        }
    }

    private static Map<String, String> endlessly(StandInModel model) {
        Map<String, String> settings = settings(model);
        settings.put("HUB_MODEL_TIMEOUT", "PT5M");
        return settings;
    }

    private static Map<String, String> settings(StandInModel model) {
        Map<String, String> settings = new HashMap<>(model.settings());
        settings.put("HUB_MODEL_TIMEOUT", "PT2M");
        settings.put("HUB_WORK_MAX_IN_FLIGHT", Integer.toString(PLACES));
        return settings;
    }

    private static void write(Town town, int contact, Set<String> accepted) {
        String from = "491780" + (100_000 + contact);
        byte[] body = town.whatsapp.text("wamid.d" + contact, from, Town.question(contact));
        if (town.whatsapp.post(body) == 200) {
            accepted.add("+" + from);
        }
    }

    private static int conversations(Town town) throws IOException {
        return town.api.all(town.tenant + "/conversations").size();
    }
}
