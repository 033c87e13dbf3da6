package org.caravanserai.model;

import java.util.List;

/**
 * That a person is to go on with a conversation, in the exchange property {@code HubHandOver}.
 *
 * @param by what decided so: tool, keyword, no_answer, approval
 * @param reason as the model gave it; null if there is none
 * @param proposals calls of tools that wait for a person's approval
 */
public record HandOver(String by, String reason, List<Proposal> proposals) {

    public static final String PROPERTY = "HubHandOver";

    /** A call that a model wants to make. @param key the same for the same call */
    public record Proposal(String tool, String arguments, String key) {}

    /** Without proposals. */
    public static HandOver by(String by, String reason) {
        return new HandOver(by, reason, List.of());
    }
}
