package org.caravanserai.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** PostgreSQL's programs, unpacked once for all homes of a build; each hub would take seconds to unpack its own. */
public final class UnpackedPostgres {

    private UnpackedPostgres() {}

    /** Puts a link to them where a hub on this home looks first; there is no need for the home to exist. */
    public static synchronized void giveTo(Path home) throws IOException {
        Path shared = Files.createDirectories(Path.of("target", "postgres").toAbsolutePath());
        Path programs;
        // another JVM may be at it
        try (FileChannel guard =
                FileChannel.open(shared.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            guard.lock(); // until it is closed
            programs = PostgresBinaries.unpack(shared);
        }
        Path link = Files.createDirectories(home.toAbsolutePath().resolve("postgres"))
                .resolve(programs.getFileName());
        if (Files.notExists(link, LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link, programs);
        }
    }
}
