package org.caravanserai.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;

/** A secret that is made once and then kept in a file that only its owner may read. */
final class GeneratedSecret {

    private GeneratedSecret() {}

    /** The file's text; made, with mode 600, if there is no file. A crash leaves the whole secret or none. */
    static String in(Path folder, String fileName, Supplier<String> maker) {
        Path file = folder.resolve(fileName);
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(folder);
                Path draft = Files.createTempFile(
                        folder,
                        fileName,
                        ".new",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(draft, maker.get() + "\n", StandardCharsets.UTF_8);
                publish(draft, file);
            }
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException unusable) {
            throw new UncheckedIOException(
                    "The file " + file + " cannot be read or written. Check the folder that HUB_HOME names.", unusable);
        }
    }

    private static void publish(Path draft, Path file) throws IOException {
        try {
            Files.createLink(file, draft); // unlike a move, it never replaces another's
        } catch (FileAlreadyExistsException madeMeanwhile) {
            return;
        } catch (UnsupportedOperationException noLinks) {
            Files.move(draft, file);
            return;
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
