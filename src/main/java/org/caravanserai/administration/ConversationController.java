package org.caravanserai.administration;

import java.util.List;
import java.util.UUID;
import org.caravanserai.conversation.ConversationView;
import org.caravanserai.conversation.ConversationViews;
import org.caravanserai.conversation.Conversations;
import org.caravanserai.conversation.MessageView;
import org.caravanserai.conversation.MessageViews;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's conversations and their messages. */
@RestController
@RequestMapping("/api/tenants/{t}/conversations")
class ConversationController {

    private static final List<String> STATUSES = List.of("active", "assigned_human", "resolved");
    private static final int TEXT_MAX = 4096;
    private static final int WORDS_MAX = 200;

    private final Conversations conversations;

    record StatusRequest(String status) {}

    record MessageRequest(String text) {}

    ConversationController(Conversations conversations) {
        this.conversations = conversations;
    }

    /** Newest first. @param from and {@code to}: when the last message came or left; @param q words in contact or messages */
    @GetMapping
    ListAnswer<ConversationView> list(
            @PathVariable UUID t,
            @RequestParam(required = false) String status,
            @RequestParam(required = false) String channelId,
            @RequestParam(required = false) String from,
            @RequestParam(required = false) String to,
            @RequestParam(required = false) String q,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        Checks fields = new Checks();
        ConversationViews.Filter filter = new ConversationViews.Filter(
                fields.oneOf("status", status, STATUSES),
                fields.id("channelId", channelId),
                fields.instant("from", from),
                fields.instant("to", to),
                q == null || q.isEmpty() ? null : fields.optional("q", q, WORDS_MAX));
        fields.check();
        return Pages.byId(
                "conversations", t, cursor, limit, ConversationView::id,
                (before, atMost) -> conversations.list(t, filter, before, atMost));
    }

    @GetMapping("/{v}")
    ConversationView get(@PathVariable UUID t, @PathVariable UUID v) {
        return conversations.get(t, v);
    }

    @PutMapping("/{v}")
    ConversationView put(@PathVariable UUID t, @PathVariable UUID v, @RequestBody StatusRequest body) {
        Checks fields = new Checks();
        String status = fields.oneOf("status", body.status == null ? "" : body.status, STATUSES);
        fields.check();
        return conversations.setStatus(t, v, status);
    }

    /** Oldest first. */
    @GetMapping("/{v}/messages")
    ListAnswer<MessageView> messages(
            @PathVariable UUID t,
            @PathVariable UUID v,
            @RequestParam(required = false) Integer limit,
            @RequestParam(required = false) String cursor) {
        String list = "messages/" + v;
        long after = Cursors.decode(list, t, cursor).map(Pages::number).orElse(0L);
        return Pages.of(
                list, t, limit, atMost -> conversations.messages(t, v, after, atMost),
                placed -> Long.toString(placed.position()), MessageViews.Placed::message);
    }

    /** Writes to the contact as a human. */
    @PostMapping("/{v}/messages")
    ResponseEntity<MessageView> reply(@PathVariable UUID t, @PathVariable UUID v, @RequestBody MessageRequest body) {
        Checks fields = new Checks();
        String text = fields.text("text", body.text, TEXT_MAX);
        fields.check();
        MessageView message = conversations.reply(t, v, text);
        return ResponseEntity.status(201).body(message);
    }
}
