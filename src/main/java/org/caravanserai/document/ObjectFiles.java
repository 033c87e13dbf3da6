package org.caravanserai.document;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;

/** What object stores have in common: the names of objects, and the file that an upload is written to first. */
final class ObjectFiles {

    private static final Pattern KEY = Pattern.compile("[0-9a-zA-Z-]{1,64}");
    private static final int BUFFER = 64 * 1024;

    private ObjectFiles() {}

    /** The same in every store, so that a folder of objects can be copied into a bucket as it is. */
    static String name(UUID tenantId, String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("an object's key is an id");
        }
        return tenantId + "/" + key;
    }

    /**
     * Writes a file durably.
     *
     * @throws RejectedException 413 if there are more than {@code maxBytes}
     */
    static ObjectStore.Written write(Path file, InputStream content, long maxBytes) throws IOException {
        MessageDigest digest = sha256();
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream out = Channels.newOutputStream(channel)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                bytes += read;
                if (bytes > maxBytes) {
                    throw new RejectedException(
                            413, "A file may be at most " + maxBytes / (1024 * 1024) + " MiB. Split it and try again.");
                }
                digest.update(buffer, 0, read);
                out.write(buffer, 0, read);
            }
            channel.force(true);
        }
        return new ObjectStore.Written(bytes, digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
