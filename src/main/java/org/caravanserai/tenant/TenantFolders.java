package org.caravanserai.tenant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.caravanserai.Ids;

/** What the hub keeps on its own disk by tenant: a folder each, named by the tenant's id. */
public final class TenantFolders {

    private TenantFolders() {}

    /** The tenants that have a folder below this one; none if it is not there. */
    public static Set<UUID> below(Path root) {
        if (!Files.isDirectory(root)) {
            return Set.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.map(folder -> Ids.parse(folder.getFileName().toString()))
                    .flatMap(Optional::stream)
                    .collect(Collectors.toSet());
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the folder " + root + " cannot be read", unreadable);
        }
    }
}
