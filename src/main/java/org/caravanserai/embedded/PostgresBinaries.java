package org.caravanserai.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.caravanserai.startup.StartupFailure;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once below {@code HUB_HOME} from the archive in the jar. */
final class PostgresBinaries {

    private static final Map<String, String> ARCHIVES = Map.of(
            "amd64", "/postgres-linux-x86_64.txz",
            "x86_64", "/postgres-linux-x86_64.txz",
            "aarch64", "/postgres-linux-arm_64.txz");

    /** The major version that this hub brings; the archives are pinned in pom.xml. */
    static final int MAJOR_VERSION = 17;

    private PostgresBinaries() {}

    /** The programs of a version, as this or an earlier hub unpacked them into the folder. */
    static Optional<Path> ofVersion(Path parent, int majorVersion) throws IOException, InterruptedException {
        try (DirectoryStream<Path> unpacked = Files.newDirectoryStream(parent, "binaries-*")) {
            for (Path programs : unpacked) {
                Path output = parent.resolve("version.log");
                Path postgres = programs.resolve("bin").resolve("postgres");
                if (PostgresServer.run(List.of(postgres.toString(), "--version"), output) == 0
                        && Files.readString(output).contains(" " + majorVersion + ".")) {
                    return Optional.of(programs);
                }
            }
        }
        return Optional.empty();
    }

    /** The folder that holds {@code bin}. Unpacked beside and renamed when whole, so that it is never half there. */
    static Path unpack(Path parent) throws IOException {
        String archive = archive();
        Path whole = parent.resolve("binaries-" + checksum(archive));
        if (!Files.isDirectory(whole)) {
            try (InputStream in = open(archive)) {
                unpack(in, whole);
            }
        }
        return whole;
    }

    /** The archive's name on this machine. */
    static String archive() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String archive = ARCHIVES.get(System.getProperty("os.arch"));
        if (!system.contains("linux") || archive == null) {
            throw new StartupFailure(
                    "The embedded PostgreSQL runs on Linux on amd64 and arm64 only.",
                    "Run a PostgreSQL 15 to 18 of your own and set SPRING_DATASOURCE_URL, _USERNAME and _PASSWORD.");
        }
        return archive;
    }

    static void unpack(InputStream archive, Path whole) throws IOException {
        Path scratch = whole.resolveSibling("binaries.new");
        FileSystemUtils.deleteRecursively(scratch);
        Files.createDirectories(scratch);
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(scratch, entry, tar);
            }
        }
        Files.move(scratch, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void unpack(Path into, TarArchiveEntry entry, InputStream content) throws IOException {
        Path target = into.resolve(entry.getName()).normalize();
        if (!target.startsWith(into)) {
            throw new IOException("the archive names a path outside its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(content, target);
        if ((entry.getMode() & 0100) != 0) {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(target);
            mode.add(PosixFilePermission.OWNER_EXECUTE);
            Files.setPosixFilePermissions(target, mode);
        }
    }

    // The archive has no version in its name; another archive must not meet the old one's programs.
    private static String checksum(String archive) throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream in = new CheckedInputStream(open(archive), crc)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static InputStream open(String archive) throws IOException {
        InputStream in = PostgresBinaries.class.getResourceAsStream(archive);
        if (in == null) {
            throw new IOException("the jar holds no " + archive);
        }
        return new BufferedInputStream(in, 1 << 16);
    }
}
