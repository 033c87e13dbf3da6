package org.caravanserai.inbound.webchat;

import org.springframework.web.socket.CloseStatus;

/** Why the hub closes a socket. Codes from 4000 on are ours: the last three digits are those of HTTP's likest status. */
final class SocketCloses {

    /** Come again at once: the hub stops, another may run. */
    static final CloseStatus STOPPING = CloseStatus.SERVICE_RESTARTED.withReason("The hub stops. Connect again.");

    static final CloseStatus FULL = CloseStatus.SERVICE_OVERLOAD.withReason("The hub is full. Connect again later.");
    static final CloseStatus WRONG_TOKEN =
            new CloseStatus(4401, "The token is wrong, of another channel or too old. Ask for a session.");
    static final CloseStatus NO_CHANNEL = new CloseStatus(4404, "The channel is gone or disabled.");
    static final CloseStatus SILENT = new CloseStatus(4408, "No answer to pings.");
    static final CloseStatus TOO_SLOW = new CloseStatus(4413, "What was sent is not read. Connect again.");
    static final CloseStatus ANOTHER = new CloseStatus(4409, "Too many sockets of this visitor.");
    static final CloseStatus TOO_MANY = new CloseStatus(4429, "Too many messages. Connect again in a minute.");

    private SocketCloses() {}
}
