package org.caravanserai.embedded;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what the hub writes to its own user: nobody else of the machine may list, read or change it. */
final class OwnFiles {

    private static final Logger LOG = LoggerFactory.getLogger(OwnFiles.class);
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    private static final int NOTHING_FOR_OTHERS = 0077;

    /** The C library, since Java asks for no mode of the files that it makes. */
    private interface LibC extends Library {
        int umask(int mask);
    }

    private OwnFiles() {}

    /** For all that this process and those that it starts make from now on, whatever the umask it was started with. */
    static void makePrivate() {
        try {
            Native.load("c", LibC.class).umask(NOTHING_FOR_OTHERS);
        } catch (LinkageError missing) {
            LOG.warn(
                    "The mode of new files stays as the hub was started with, since the C library cannot be called; start it"
                            + " with umask 077",
                    missing);
        }
    }

    /** Takes every right of others away from one file or folder. */
    static boolean close(Path file) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return false;
        }
        Set<PosixFilePermission> mode = view.readAttributes().permissions();
        if (OWNERS.containsAll(mode)) {
            return false;
        }
        mode.retainAll(OWNERS);
        view.setPermissions(mode);
        return true;
    }

    /** Does so for all that an earlier hub left in a folder, and says it once. */
    static void closeAll(Path folder) {
        if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            LOG.warn("{} is on a file system without modes; see to it that nobody else can read it", folder);
            return;
        }
        Closing closing = new Closing();
        try {
            Files.walkFileTree(folder.toRealPath(), closing);
        } catch (IOException unreadable) {
            closing.failed(unreadable);
        }
        if (closing.closed > 0) {
            LOG.warn(
                    "{} files and folders below {} were open to other users of this machine; now they are the hub's"
                            + " alone. What they could read, the keys among it, may be known",
                    closing.closed,
                    folder);
        }
        if (closing.failure != null) {
            LOG.warn(
                    "Not all of {} could be closed to other users of this machine: {}",
                    folder,
                    closing.failure.toString());
        }
    }

    private static final class Closing extends SimpleFileVisitor<Path> {

        private int closed;
        private IOException failure;

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return visitFile(folder, attributes);
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            try {
                if (!attributes.isSymbolicLink() && close(file)) {
                    closed++;
                }
            } catch (IOException notOurs) {
                failed(notOurs);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            failed(unreadable);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException unreadable) {
            if (unreadable != null) {
                failed(unreadable);
            }
            return FileVisitResult.CONTINUE;
        }

        /** What is gone meanwhile needs no closing: other parts of the hub start beside this. */
        private void failed(IOException failed) {
            if (failure == null && !(failed instanceof NoSuchFileException)) {
                failure = failed;
            }
        }
    }
}
