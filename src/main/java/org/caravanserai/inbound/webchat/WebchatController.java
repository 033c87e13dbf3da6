package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.limit.Limit;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.tenant.Channel;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The script that a page includes, and the tokens of its visitors. */
@RestController
@RequestMapping("/webchat/{channelId}")
class WebchatController {

    private static final int BODY_MAX = 4096;
    private static final List<String> SHOWN =
            List.of("title", "greeting", "color", "position", "avatarUrl", "customCss");
    private static final String SETTINGS = "/*SETTINGS*/ {}";

    private final SessionTokens tokens;
    private final Limits limits;
    private final Limit freshOfChannel;
    private final ClientAddress addresses;
    private final Refusals refusals;
    private final ObjectMapper json;
    private final String widget;

    /** A visitor's token. @param resumed whether it is of a conversation that there may be already */
    record NewSession(String token, Instant expiresAt, boolean resumed) {}

    WebchatController(
            SessionTokens tokens,
            WebchatProperties properties,
            Limits limits,
            ClientAddress addresses,
            Refusals refusals,
            ObjectMapper json)
            throws IOException {
        this.tokens = tokens;
        this.limits = limits;
        this.freshOfChannel = limits.perMinute("visitors", properties.sessionsPerMinute());
        this.addresses = addresses;
        this.refusals = refusals;
        this.json = json;
        this.widget = new ClassPathResource("webchat/widget.js").getContentAsString(StandardCharsets.UTF_8);
    }

    @GetMapping("/widget.js")
    ResponseEntity<String> widget(@RequestAttribute(WebchatFilter.CHANNEL) Channel channel)
            throws JsonProcessingException {
        Map<String, Object> settings = new LinkedHashMap<>();
        SHOWN.forEach(name -> {
            if (channel.config().get(name) != null) {
                settings.put(name, channel.config().get(name));
            }
        });
        return ResponseEntity.ok()
                .contentType(new MediaType("text", "javascript", StandardCharsets.UTF_8))
                .cacheControl(CacheControl.maxAge(Duration.ofMinutes(1)).cachePublic())
                .header("Cross-Origin-Resource-Policy", "cross-origin")
                .body(widget.replace(SETTINGS, json.writeValueAsString(settings)));
    }

    /** A token for a new visitor, or a fresh one for the visitor whose token the body holds. */
    @PostMapping("/sessions")
    @ResponseStatus(HttpStatus.CREATED)
    NewSession session(
            @RequestAttribute(WebchatFilter.CHANNEL) Channel channel,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Optional<String> known = given(request).flatMap(token -> tokens.address(channel.id(), token));
        if (known.isEmpty()) {
            admit(channel, addresses.group(request), response);
        }
        SessionTokens.Session session =
                known.map(address -> tokens.renew(channel.id(), address)).orElseGet(() -> tokens.begin(channel.id()));
        return new NewSession(session.token(), session.expiresAt(), known.isPresent());
    }

    /** @throws RejectedException 429 if too many are new: of this address, or on this channel */
    private void admit(Channel channel, String address, HttpServletResponse response) {
        Taken taken = limits.sessionsOfAddress().take(address);
        String what = "new visitors from one address";
        if (taken.isWithin()) {
            taken.tell(response);
            taken = freshOfChannel.take(channel.id());
            what = "new visitors of this page";
        }
        taken.tell(response);
        if (!taken.isWithin()) {
            refusals.add("visitors of web chats", address);
        }
        taken.orReject(what);
    }

    private Optional<String> given(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(BODY_MAX + 1);
        if (body.length > BODY_MAX) {
            throw new RejectedException(413, "The body is larger than " + BODY_MAX + " bytes.");
        }
        if (body.length == 0) {
            return Optional.empty();
        }
        try {
            JsonNode root = json.readTree(body);
            if (root != null && root.isObject()) {
                return Optional.ofNullable(root.path("token").textValue());
            }
        } catch (JsonProcessingException malformed) {
            throw new RejectedException(400, "The body must be JSON, such as {\"token\":\"...\"}, or empty.");
        }
        throw new RejectedException(400, "The body must be a JSON object, such as {\"token\":\"...\"}, or empty.");
    }
}
