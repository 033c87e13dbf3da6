package org.caravanserai.tool;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/**
 * What tenants' tools are told of the contact by the hub: {@code {contact.address}} and the like. The address is the one
 * that the channel delivered, so what a contact says of itself, or a model makes of it, decides nothing.
 */
@Component
public class ContactFields {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(contact\\.[^{}]*)\\}");
    private static final String KNOWN =
            "{contact.address}, {contact.id}, {contact.channel} and {contact.channelId} are known";
    private static final String RULE = "names what the hub does not know of a contact: " + KNOWN + ".";

    private final TenantTransactions transactions;

    ContactFields(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /**
     * @param address on the channel
     * @param id the hub's own
     * @param channel its type
     */
    private record Contact(String address, UUID id, String channel, UUID channelId) {

        private static final Map<String, String> NOBODY =
                Map.of("contact.address", "", "contact.id", "", "contact.channel", "", "contact.channelId", "");

        String field(String name) {
            return switch (name) {
                case "contact.address" -> address;
                case "contact.id" -> id.toString();
                case "contact.channel" -> channel;
                case "contact.channelId" -> channelId.toString();
                default -> throw new ToolException("The tool is set up wrongly: it " + RULE);
            };
        }
    }

    /** What is wrong with a text as a template; null if nothing is. */
    public static String problem(String text) {
        Matcher names = PLACEHOLDER.matcher(text);
        while (names.find()) {
            if (!Contact.NOBODY.containsKey(names.group(1))) {
                return RULE;
            }
        }
        return null;
    }

    /** Whether a text has something to be filled in. */
    public static boolean isIn(String text) {
        return PLACEHOLDER.matcher(text).find();
    }

    /** The text with letters in place of what is to be filled in. */
    static String example(String text) {
        return PLACEHOLDER.matcher(text).replaceAll("x");
    }

    /** Fills in texts for one call, whose contact is looked up when it is first needed. */
    Filler of(ToolContext context) {
        return new Filler(context);
    }

    /** Fills in for one call. */
    final class Filler {

        private final ToolContext context;
        private Contact contact;

        private Filler(ToolContext context) {
            this.context = context;
        }

        /**
         * @param escape makes a value fit where it stands
         * @throws ToolException if it is called for nobody that the hub knows
         */
        String filled(String text, UnaryOperator<String> escape) {
            Matcher names = PLACEHOLDER.matcher(text);
            StringBuilder filled = new StringBuilder();
            while (names.find()) {
                String value = escape.apply(contact().field(names.group(1)));
                names.appendReplacement(filled, Matcher.quoteReplacement(value));
            }
            return names.appendTail(filled).toString();
        }

        private Contact contact() {
            if (contact == null) {
                contact = find();
            }
            return contact;
        }

        private Contact find() {
            if (context.conversationId() == null) {
                throw new ToolException(
                        "This tool is for a contact on a channel, and there is none here." + " Answer without it.");
            }
            return transactions.in(context.tenantId(), jdbc -> jdbc.sql("""
                            select k.address, k.id, h.type as channel, h.id as channelId
                              from conversations c join contacts k on k.id = c.contact_id
                                join channels h on h.id = c.channel_id
                              where c.id = ?""")
                    .param(context.conversationId())
                    .query(Contact.class)
                    .optional()
                    .orElseThrow(() -> new ToolException("The contact is not known any more.")));
        }
    }
}
