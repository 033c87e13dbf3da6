package org.caravanserai.dryrun;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.caravanserai.inbound.ReplayPayload;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.core.env.Environment;

/** Posts a recorded payload to its door, waits until nothing more happens, and tells what happened. */
class DryRun {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_MS = 100;

    private final DryRunProperties properties;
    private final HoldBack holdBack;
    private final List<ReplayPayload> replays;
    private final Channels channels;
    private final TenantTransactions transactions;
    private final Environment environment;
    private final ObjectMapper json;

    DryRun(
            DryRunProperties properties,
            HoldBack holdBack,
            List<ReplayPayload> replays,
            Channels channels,
            TenantTransactions transactions,
            Environment environment,
            ObjectMapper json) {
        this.properties = properties;
        this.holdBack = holdBack;
        this.replays = replays;
        this.channels = channels;
        this.transactions = transactions;
        this.environment = environment;
        this.json = json;
    }

    /**
     * Does it all.
     *
     * @return the report; its status is 0 if the door took the payload and everything came to its end
     */
    DryRunReport run() throws IOException, InterruptedException {
        Channel channel = channel();
        ReplayPayload replay = replays.stream()
                .filter(candidate -> candidate.type().equals(channel.type()))
                .findFirst()
                .orElseThrow(() -> new StartupFailure(
                        "Channels of type " + channel.type() + " cannot be dry-run: nothing makes their payloads.",
                        "Add a ReplayPayload for it, or choose another channel: hub.dry-run.channel."));
        forgetEarlierRuns(channel.tenantId());
        boolean isIndexed = await(() -> isIndexed(channel.tenantId()));
        holdBack.forget();
        String path = "/webhooks/" + channel.type() + "/" + channel.id();
        HttpResponse<String> answer = post(path, replay.prepare(channel, Files.readAllBytes(properties.payload())));
        boolean hasEnded = await(() -> isIdle(channel.tenantId()));
        return new DryRunReport(
                "POST " + path + " with " + properties.payload() + " -> " + answer.statusCode() + " "
                        + (answer.statusCode() < 300 ? "" : answer.body()),
                holdBack.routes(),
                transactions.in(channel.tenantId(), jdbc -> DryRunReport.hops(jdbc, json)),
                transactions.in(channel.tenantId(), DryRunReport::ignored),
                holdBack.held(),
                isIndexed && hasEnded,
                answer.statusCode());
    }

    private Channel channel() {
        String wanted = properties.channel();
        List<Channel> declared = transactions
                .acrossTenants(jdbc -> jdbc.sql("select tenant_id from hub_list_tenants(null, 200)")
                        .query(UUID.class)
                        .list())
                .stream()
                .flatMap(tenant -> transactions
                        .in(tenant, jdbc -> jdbc.sql("select id from channels where enabled order by id")
                                .query(UUID.class)
                                .list())
                        .stream())
                .flatMap(id -> channels.find(id).stream())
                .toList();
        return declared.stream()
                .filter(candidate -> candidate.id().toString().equals(wanted)
                        || candidate.type().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new StartupFailure(
                        "No channel is declared in config/tenants/ whose id or type is " + wanted + ".",
                        "Set hub.dry-run.channel to one of: " + declared + "."));
    }

    private void forgetEarlierRuns(UUID tenantId) {
        transactions.run(tenantId, jdbc -> {
            for (String table : List.of("inbox", "contacts", "events", "timeline", "dead_letters")) {
                jdbc.sql("delete from " + table).update();
            }
        });
    }

    private boolean isIndexed(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        "select not exists (select 1 from documents where status in ('pending', 'indexing'))")
                .query(Boolean.class)
                .single());
    }

    private boolean isIdle(UUID tenantId) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("""
                        select not exists (select 1 from inbox where state = 'received')
                          and not exists (select 1 from conversations where due_at is not null)
                          and not exists (select 1 from messages where status in ('pending', 'sending'))
                          and not exists (select 1 from events where due_at is not null)
                          and not exists (select 1 from webhook_deliveries where status = 'pending')""").query(Boolean.class).single());
    }

    private HttpResponse<String> post(String path, ReplayPayload.Request request)
            throws IOException, InterruptedException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + environment.getProperty("local.server.port") + path))
                .timeout(LONGEST)
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
        request.headers().forEach(builder::header);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(builder.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** @return false if it has not come true within a minute */
    private static boolean await(BooleanSupplier condition) throws InterruptedException {
        CompletableFuture<Void> met = new CompletableFuture<>();
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            clock.scheduleWithFixedDelay(() -> look(condition, met), 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
            met.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
            clock.shutdownNow();
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("The dry run could not be followed", failed.getCause());
        }
    }

    private static void look(BooleanSupplier condition, CompletableFuture<Void> met) {
        try {
            if (condition.getAsBoolean()) {
                met.complete(null);
            }
        } catch (RuntimeException failed) {
            met.completeExceptionally(failed);
        }
    }
}
