package org.caravanserai.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.HubProperties;
import org.caravanserai.tenant.TenantFolders;
import org.springframework.util.FileSystemUtils;

/** Keeps objects as files under {@code HUB_HOME/objects/<tenant>/<key>}. */
class FolderObjectStore implements ObjectStore {

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
            Written written = ObjectFiles.write(scratch, content, maxBytes);
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

    @Override
    public Set<UUID> tenantsOnDisk() {
        return TenantFolders.below(root);
    }

    /** Makes the rename durable; without it a power cut may take the file's name back. */
    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path path(UUID tenantId, String key) {
        return root.resolve(ObjectFiles.name(tenantId, key));
    }
}
