package org.caravanserai.standin;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes WhatsApp payloads as Meta puts them on the wire, escapes and all, signs them and posts them. */
public final class SignedWhatsapp {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();

    private final URI door;
    private final String appSecret;
    private final String phoneNumberId;

    public SignedWhatsapp(URI door, String appSecret, String phoneNumberId) {
        this.door = door;
        this.appSecret = appSecret;
        this.phoneNumberId = phoneNumberId;
    }

    /** The bytes of one text message. */
    public byte[] text(String id, String from, String text) {
        return messages(
                "{\"from\":\"%s\",\"id\":\"%s\",\"timestamp\":\"1760000000\",\"type\":\"text\",\"text\":{\"body\":\"%s\"}}"
                        .formatted(from, id, escape(text)));
    }

    /** The bytes of an envelope around one message or more, given as JSON. */
    public byte[] messages(String messages) {
        return value("\"contacts\":[],\"messages\":[" + messages + "]");
    }

    /** The bytes of a status. @param callbackData may be null */
    public byte[] status(String id, String status, String callbackData) {
        String echo = callbackData == null ? "" : ",\"biz_opaque_callback_data\":\"" + callbackData + "\"";
        return value(
                "\"statuses\":[{\"id\":\"%s\",\"status\":\"%s\",\"timestamp\":\"1760000001\",\"recipient_id\":\"1\"%s}]"
                        .formatted(id, status, echo));
    }

    private byte[] value(String content) {
        return ("{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"77\",\"changes\":[{\"value\":{"
                        + "\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":\"1\",\"phone_number_id\":\""
                        + phoneNumberId + "\"}," + content + "},\"field\":\"messages\"}]}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Posts the bytes with the right signature and gives back the status; -1 if there was no answer. */
    public int post(byte[] body) {
        return post(body, signature(body));
    }

    /** Posts the bytes with a signature of the caller's, or none when null. */
    public int post(byte[] body, String signature) {
        HttpRequest.Builder request = HttpRequest.newBuilder(door)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (signature != null) {
            request.header("X-Hub-Signature-256", signature);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException down) {
            return -1;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    public String signature(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(appSecret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** As Meta does: everything beyond ASCII as \\uXXXX, and slashes as \/. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"', '\\', '/' -> escaped.append('\\').append(c);
                default -> {
                    if (c < 0x20 || c > 0x7e) {
                        escaped.append("\\u%04x".formatted((int) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }
}
