package org.caravanserai.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** PostgreSQL's programs, unpacked once for all homes of a build; each hub would take seconds to unpack its own. */
public final class UnpackedPostgres {

    private UnpackedPostgres() {}

    /** Puts them where a hub on this home looks first; there is no need for the home to exist. */
    public static synchronized void giveTo(Path home) throws IOException {
        Path shared = Files.createDirectories(Path.of("target", "postgres").toAbsolutePath());
        Path programs;
        // another JVM may be at it
        try (FileChannel guard =
                FileChannel.open(shared.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            guard.lock(); // until it is closed
            programs = PostgresBinaries.unpack(shared);
        }
        Path own = Files.createDirectories(home.toAbsolutePath().resolve("postgres"));
        Path whole = own.resolve(programs.getFileName());
        if (Files.notExists(whole)) {
            Path scratch = own.resolve("binaries.linked");
            FileSystemUtils.deleteRecursively(scratch);
            link(programs, scratch);
            Files.move(scratch, whole, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Folders of its own with the same files: what is put into one of the folders later is in no other. */
    static void link(Path folder, Path copy) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                Path link = copy.resolve(folder.relativize(file));
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    linkFile(file, link);
                } else {
                    Files.copy(file, link, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }

    private static void linkFile(Path file, Path link) throws IOException {
        try {
            Files.createLink(link, file);
        } catch (FileSystemException | UnsupportedOperationException apart) { // as between file systems
            Files.copy(file, link, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }
}
