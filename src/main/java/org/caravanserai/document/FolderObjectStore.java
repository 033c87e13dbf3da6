package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import java.util.regex.Pattern;
import org.caravanserai.HubProperties;
import org.caravanserai.failure.RejectedException;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** Keeps objects as files under {@code HUB_HOME/objects/<tenant>/<key>}. */
@Component
class FolderObjectStore implements ObjectStore {

    private static final Pattern KEY = Pattern.compile("[0-9a-zA-Z-]{1,64}");
    private static final int BUFFER = 64 * 1024;

    private final Path root;

    FolderObjectStore(HubProperties hub) {
        this.root = hub.home().resolve("objects").toAbsolutePath().normalize();
    }

    @Override
    public Written put(UUID tenantId, String key, InputStream content, long maxBytes) throws IOException {
        Path target = path(tenantId, key);
        Files.createDirectories(target.getParent());
        Path scratch = target.resolveSibling(key + ".part");
        try {
            Written written = write(scratch, content, maxBytes);
            Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(target.getParent());
            return written;
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    @Override
    public InputStream open(UUID tenantId, String key) throws IOException {
        return Files.newInputStream(path(tenantId, key));
    }

    @Override
    public void delete(UUID tenantId, String key) throws IOException {
        Files.deleteIfExists(path(tenantId, key));
    }

    @Override
    public void deleteAll(UUID tenantId) throws IOException {
        FileSystemUtils.deleteRecursively(root.resolve(tenantId.toString()));
    }

    private static Written write(Path file, InputStream content, long maxBytes) throws IOException {
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
        return new Written(bytes, digest.digest());
    }

    /** Makes the rename durable; without it a power cut may take the file's name back. */
    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path path(UUID tenantId, String key) {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("an object's key is an id");
        }
        return root.resolve(tenantId.toString()).resolve(key);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
