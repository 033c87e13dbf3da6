package org.caravanserai.siege;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.caravanserai.webhook.StandardWebhooks;

/** What is posted to doors: forged and malformed by a stranger, or signed and hostile by a contact or a tenant's own system. */
final class HostilePosts implements Attack {

    private final Caller caller;
    private final Victims.Hostile hostile;
    private int next;

    HostilePosts(Caller caller, Victims.Hostile hostile) {
        this.caller = caller;
        this.hostile = hostile;
    }

    @Override
    public String name() {
        return "hostile posts to doors";
    }

    @Override
    public Duration every() {
        return Duration.ofMillis(100);
    }

    @Override
    public void strike(RandomGenerator random) throws InterruptedException {
        switch (random.nextInt(6)) {
            case 0 -> signedText(random);
            case 1 -> signedBody(random);
            case 2 -> generic(body(random));
            case 3 ->
                generic("{\"id\":\"g" + next++ + "\",\"contact\":{\"address\":\"c" + random.nextInt(50)
                        + "\"},\"text\":\"" + escaped(HostileTexts.any(random, 4_000)) + "\",\"t\":\"" + "a".repeat(40)
                        + "\"}");
            case 4 -> caller.call("POST", hostile.whatsapp(), body(random), "X-Hub-Signature-256", "sha256=00");
            default -> caller.call("POST", "/webhooks/whatsapp/" + UUID.randomUUID(), body(random));
        }
    }

    private void signedText(RandomGenerator random) throws InterruptedException {
        String contact = "44771" + (1_000_000 + random.nextInt(50));
        whatsapp(hostile.signed().text("wamid.hostile." + next++, contact, HostileTexts.any(random)));
    }

    private void signedBody(RandomGenerator random) throws InterruptedException {
        byte[] body = random.nextBoolean()
                ? body(random).getBytes(StandardCharsets.UTF_8)
                : hostile.signed()
                        .messages("{\"from\":\"1\",\"id\":\"wamid.h." + next++ + "\",\"type\":"
                                + HostileJson.body(random) + "},".repeat(random.nextInt(20)));
        whatsapp(body);
    }

    private void whatsapp(byte[] body) throws InterruptedException {
        String signature = hostile.signed().signature(body);
        caller.call("POST", hostile.whatsapp(), body, "X-Hub-Signature-256", signature);
    }

    private void generic(String text) throws InterruptedException {
        String id = "msg_" + UUID.randomUUID();
        Instant now = Instant.now();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        caller.call(
                "POST",
                hostile.generic(),
                body,
                "webhook-id",
                id,
                "webhook-timestamp",
                Long.toString(now.getEpochSecond()),
                "webhook-signature",
                StandardWebhooks.sign(List.of(Victims.GENERIC_SECRET), id, now, body));
    }

    private static String body(RandomGenerator random) {
        return HostileJson.body(random);
    }

    /** For use inside a JSON text. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (char c : text.toCharArray()) {
            if (c < 0x20 || c == '"' || c == '\\' || Character.isSurrogate(c)) {
                escaped.append("\\u%04x".formatted((int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
