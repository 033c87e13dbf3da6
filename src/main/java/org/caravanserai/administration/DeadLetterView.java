package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/**
 * A dead letter as the API shows it.
 *
 * @param routeId the route that gave the work up
 * @param attempts in all, those of replays included
 * @param at when it was given up, for the last time
 * @param payload the original bytes as text, or "base64:" and their base64 where they are no UTF-8
 * @param payloadTruncated true where a list shows the beginning only
 */
record DeadLetterView(
        UUID id,
        UUID tenantId,
        String routeId,
        String cause,
        int attempts,

        @Schema(allowableValues = {"dead", "replayed", "resolved"})
        String status,

        Instant at,
        String payload,
        @JsonInclude(JsonInclude.Include.NON_NULL) Boolean payloadTruncated) {

    /** @param isCut if more bytes follow, so that the last character may be cut in two */
    static String text(byte[] payload, boolean isCut) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(payload.length);
        return decoder.decode(ByteBuffer.wrap(payload), text, !isCut).isError()
                ? "base64:" + Base64.getEncoder().encodeToString(payload)
                : text.flip().toString();
    }
}
