package org.caravanserai.conversation;

import java.util.UUID;
import org.caravanserai.model.AnswerStream;

/** Shows the replies of a type of channel while they are written. One bean for each type that can. */
public interface ReplyStreams {

    /** As in {@code ChannelType}. */
    String channelType();

    /**
     * Begins with a reply.
     *
     * @param replyId of the message that the reply will be, if it is stored
     * @return null if nobody looks: the model then need not be asked for a stream
     */
    ReplyStream open(UUID tenantId, UUID channelId, String address, UUID replyId);

    /** A reply on its way to whoever looks. It never fails: that nobody looks any more does not end the reply. */
    interface ReplyStream extends AnswerStream {

        /** The reply will not be stored: takes back what was shown of it. */
        void retract();
    }
}
