package org.caravanserai.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.caravanserai.startup.StartupFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** The hub's own folder, {@code HUB_HOME}. One hub at a time: the lock is taken before anything in it is touched. */
public final class HubHome implements AutoCloseable {

    /** The key set that a hub makes for itself where it is given none; what its database hides cannot be read without. */
    public static final String KEY_SET = "encryption-keyset.json";

    private static final Logger LOG = LoggerFactory.getLogger(HubHome.class);
    private static final String UPLOADS = "tomcat"; // server.tomcat.basedir; what a killed hub left there is nobody's

    private final Path folder;
    private final FileChannel lockFile;
    private final FileLock lock;

    private HubHome(Path folder, FileChannel lockFile, FileLock lock) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Creates the folder if need be and locks it.
     *
     * @throws StartupFailure naming the other's process id if a hub runs on it, or what is wrong with the folder
     */
    static HubHome lock(Path home) {
        Path folder = home.toAbsolutePath().normalize();
        try {
            OwnFiles.makePrivate();
            Files.createDirectories(folder);
            closeToOthers(folder);
            FileChannel file =
                    FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                Path pid = folder.resolve("hub.pid");
                String other = Files.exists(pid) ? Files.readString(pid).strip() : "unknown";
                throw new StartupFailure(
                        "Another hub, process " + other + ", runs on " + folder + ".",
                        "Stop it, or set HUB_HOME to another folder for this one.");
            }
            HubHome locked = new HubHome(folder, file, lock);
            locked.write("hub.pid", Long.toString(ProcessHandle.current().pid()));
            FileSystemUtils.deleteRecursively(locked.resolve(UPLOADS));
            return locked;
        } catch (IOException unusable) {
            throw new StartupFailure(
                    "The folder " + folder + " cannot be used: " + unusable.getMessage(),
                    "Set HUB_HOME to a folder that the hub may write to.");
        }
    }

    /** A folder that another user lends, as a mounted one may be, stays as that user made it. */
    private static void closeToOthers(Path folder) {
        try {
            OwnFiles.close(folder.toRealPath());
        } catch (IOException notOurs) {
            LOG.warn("{} could not be closed to other users of this machine: {}", folder, notOurs.toString());
        }
    }

    private static FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException thisProcess) {
            return null;
        }
    }

    /** The folder itself, absolute. */
    public Path folder() {
        return folder;
    }

    /** Closes what earlier hubs left in it to the other users of the machine. */
    void closeToOthers() {
        OwnFiles.closeAll(folder);
    }

    /** A path below the folder. */
    public Path resolve(String relative) {
        return folder.resolve(relative);
    }

    /** What the file holds; made, with mode 600, if it is not there yet. */
    public String secret(String fileName, Supplier<String> generate) {
        Path file = folder.resolve(fileName);
        try {
            if (!Files.exists(file)) {
                write(fileName, generate.get());
            }
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the secret file " + file + " cannot be used", unreadable);
        }
    }

    private void write(String fileName, String content) throws IOException {
        Path whole = folder.resolve(fileName);
        Path scratch = folder.resolve(fileName + ".new");
        Files.deleteIfExists(scratch);
        Files.createFile(scratch);
        OwnFiles.close(scratch);
        try (FileChannel out = FileChannel.open(scratch, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(scratch, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        try {
            if (lock.isValid()) {
                lock.release();
            }
            lockFile.close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
