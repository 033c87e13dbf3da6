package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.conversation.ConversationView;
import org.caravanserai.conversation.ConversationViews;
import org.caravanserai.conversation.MessageView;
import org.caravanserai.conversation.MessageViews;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's conversations and their messages. */
@RestController
@RequestMapping("/api/tenants/{t}/conversations")
class ConversationController {

    private static final List<String> STATUSES = List.of("active", "assigned_human", "resolved");
    private static final int TEXT_MAX = 65_536;
    private static final int SOUGHT_MAX = 200;

    private final TenantTransactions transactions;
    private final ConversationViews conversations;
    private final MessageViews messages;
    private final ConversationDesk desk;

    ConversationController(
            TenantTransactions transactions,
            ConversationViews conversations,
            MessageViews messages,
            ConversationDesk desk) {
        this.transactions = transactions;
        this.conversations = conversations;
        this.messages = messages;
        this.desk = desk;
    }

    @Operation(summary = "Conversations, newest first")
    @GetMapping
    Page<ConversationView> list(
            @PathVariable("t") UUID tenantId,
            PageRequest page,
            @Schema(allowableValues = {"active", "assigned_human", "resolved"}) @RequestParam(required = false)
                    String status,
            @Schema(format = "uuid") @RequestParam(required = false) String channelId,
            @Schema(format = "date-time") @RequestParam(required = false) String from,
            @Schema(format = "date-time") @RequestParam(required = false) String to,
            @RequestParam(required = false) String q) {
        if (status != null && !STATUSES.contains(status)) {
            throw RejectedException.field("status", "must be one of " + String.join(", ", STATUSES) + ".");
        }
        UUID channel = channelId == null
                ? null
                : Ids.parse(channelId)
                        .orElseThrow(() -> RejectedException.field("channelId", "must be the id of a channel."));
        if (q != null && (q.length() > SOUGHT_MAX || !Fields.isStorable(q))) {
            throw RejectedException.field("q", "must have at most " + SOUGHT_MAX + " characters, none of them U+0000.");
        }
        ConversationViews.Filter filter = new ConversationViews.Filter(
                status, channel, instant("from", from), instant("to", to), q == null || q.isBlank() ? null : q);
        List<ConversationView> rows =
                transactions.in(tenantId, jdbc -> conversations.page(jdbc, filter, page.afterId(), page.limit() + 1));
        return Page.of(rows, page, ConversationView::id);
    }

    @Operation(summary = "One conversation")
    @GetMapping("/{v}")
    ConversationView get(@PathVariable("t") UUID tenantId, @PathVariable("v") UUID id) {
        return transactions.in(tenantId, jdbc -> conversations.find(jdbc, id)).orElseThrow(this::notFound);
    }

    @Operation(summary = "Take, give back or resolve a conversation")
    @Shape(Bodies.ConversationStatus.class)
    @PutMapping("/{v}")
    ConversationView put(@PathVariable("t") UUID tenantId, @PathVariable("v") UUID id, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String status = body.oneOf("status", STATUSES);
        if (!body.has("status")) {
            body.wrong("status", "is required.");
        }
        body.finish();
        return desk.setStatus(tenantId, id, status);
    }

    @Operation(summary = "A conversation's messages, oldest first")
    @GetMapping("/{v}/messages")
    Page<MessageView> messages(@PathVariable("t") UUID tenantId, @PathVariable("v") UUID id, PageRequest page) {
        long[] after = page.afterNumbers(1);
        List<MessageViews.Placed> rows = transactions.in(tenantId, jdbc -> {
            conversations.find(jdbc, id).orElseThrow(this::notFound);
            return messages.page(jdbc, id, after == null ? 0 : after[0], page.limit() + 1);
        });
        return Page.of(rows, page, MessageViews.Placed::position).map(MessageViews.Placed::message);
    }

    @Operation(summary = "Send a message as a person")
    @Shape(Bodies.NewMessage.class)
    @PostMapping("/{v}/messages")
    @ResponseStatus(HttpStatus.CREATED)
    MessageView send(@PathVariable("t") UUID tenantId, @PathVariable("v") UUID id, @RequestBody JsonNode json) {
        Fields body = Fields.of(json);
        String text = body.required("text", TEXT_MAX);
        body.finish();
        return desk.send(tenantId, id, text);
    }

    private RejectedException notFound() {
        return RejectedException.notFound("The conversation");
    }

    private static Instant instant(String name, String text) {
        return text == null
                ? null
                : Instants.parse(text).orElseThrow(() -> RejectedException.field(name, Instants.RULE));
    }
}
