package org.caravanserai.model;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.caravanserai.timeline.Hop;
import org.caravanserai.tool.Tool;
import org.caravanserai.tool.ToolSchema;

/** The tools of one answer: which the model may call, how often it did, and whether it has come to an end. */
final class ToolUse {

    private final String mark = Long.toHexString(new SecureRandom().nextLong() | Long.MIN_VALUE);
    private final Set<String> suspects = new LinkedHashSet<>();
    private volatile PiiMask mask = PiiMask.of(null);
    private final List<Hop> notes = new ArrayList<>();
    private volatile Map<String, Tool> offered = Map.of();
    private volatile List<ToolSpecification> specifications = List.of();
    private volatile List<ChatMessage> messages = List.of();
    private volatile AiMessage said;
    private volatile int rounds;
    private volatile boolean open = true;
    private volatile String stopped;
    private volatile HandOver handOver;
    private volatile long startedAt = System.nanoTime();

    void offer(Map<String, Tool> tools) {
        offered = Map.copyOf(tools);
        specifications = tools.values().stream()
                .map(tool -> ToolSpecification.builder()
                        .name(tool.name())
                        .description(tool.description())
                        .parameters(ToolSchema.forModel(tool.schema()))
                        .build())
                .toList();
    }

    /** Stands in the lines between which the texts of others stand; no text can know it. */
    String mark() {
        return mark;
    }

    void mask(PiiMask hiding) {
        mask = hiding;
    }

    /** What is hidden from the model. */
    PiiMask mask() {
        return mask;
    }

    /** A text tries to instruct the model. @param where for example source 2 */
    synchronized void suspect(String where) {
        suspects.add(where);
    }

    synchronized List<String> suspects() {
        return List.copyOf(suspects);
    }

    Map<String, Tool> offered() {
        return offered;
    }

    List<ToolSpecification> specifications() {
        return specifications;
    }

    void begin(List<ChatMessage> first) {
        messages = List.copyOf(first);
        startedAt = System.nanoTime();
    }

    /** Everything that has been said so far, for the next round. */
    List<ChatMessage> messages() {
        return messages;
    }

    void add(AiMessage called, List<? extends ChatMessage> results) {
        List<ChatMessage> all = new ArrayList<>(messages);
        all.add(called);
        all.addAll(results);
        messages = List.copyOf(all);
        rounds++;
    }

    int rounds() {
        return rounds;
    }

    long nanos() {
        return System.nanoTime() - startedAt;
    }

    void said(AiMessage message) {
        said = message;
    }

    /** What the model said last; null if nothing. */
    AiMessage said() {
        return said;
    }

    boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    /** Ends it without an answer of the model. @param why for example tool_loop */
    void stop(String why) {
        stopped = why;
        open = false;
    }

    /** Why it ended without an answer; null if it did not. */
    String stopped() {
        return stopped;
    }

    /** Keeps a hop of a tool's own exchange. */
    synchronized void note(Hop hop) {
        notes.add(hop);
    }

    /** The hops that tools left, once. */
    synchronized List<Hop> takeNotes() {
        List<Hop> taken = List.copyOf(notes);
        notes.clear();
        return taken;
    }

    /** Has a person go on. The first reason counts. */
    void handOver(HandOver to) {
        if (handOver == null) {
            handOver = to;
        }
    }

    /** Null if no person is to go on. */
    HandOver handOver() {
        return handOver;
    }
}
