package org.caravanserai.conversation;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.caravanserai.Ids;
import org.caravanserai.conversation.ReplyStreams.ReplyStream;
import org.caravanserai.model.Question;
import org.springframework.stereotype.Component;

/** Lets the contact read the reply while the model writes it, where the channel can show that. */
@Component("streamReply")
public class StreamReply {

    private final Map<String, ReplyStreams> streams;
    private final Ids ids;

    StreamReply(List<ReplyStreams> streams, Ids ids) {
        this.streams = streams.stream().collect(Collectors.toMap(ReplyStreams::channelType, Function.identity()));
        this.ids = ids;
    }

    /** Adds the reader to {@code HubQuestion}; what it was shown is taken back unless the reply is stored in the end. */
    public void begin(Exchange exchange) {
        Turn turn = exchange.getProperty("HubTurn", Turn.class);
        ReplyStreams channel = streams.get(turn.channelType());
        if (channel == null) {
            return;
        }
        UUID reply = ids.next();
        ReplyStream stream =
                channel.open(turn.tenantId(), turn.channelId(), turn.contact().address(), reply);
        if (stream == null) {
            return;
        }
        exchange.setProperty(StoreReply.REPLY_ID, reply);
        Question question = exchange.getProperty("HubQuestion", Question.class);
        Question.Origin origin = question.origin();
        exchange.setProperty(
                "HubQuestion", question.from(new Question.Origin(origin.channelId(), origin.messageId(), stream)));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (done.getProperty(StoreReply.STORED) == null) {
                    stream.retract();
                }
            }
        });
    }
}
