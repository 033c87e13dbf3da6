package org.caravanserai.retrieval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.lucene.store.AlreadyClosedException;
import org.caravanserai.retrieval.TenantIndex.Made;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * One tenant's index on disk, open or not, and the one that is being made beside it. The lock is for opening and closing
 * alone: rows are read, and indexes written, without it.
 */
final class IndexSlot {

    private static final Logger LOG = LoggerFactory.getLogger(IndexSlot.class);

    private final UUID tenantId;
    private final Path folder;
    private final Path nextFolder;
    private final Terms terms;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile TenantIndex index;
    private TenantIndex next;

    IndexSlot(UUID tenantId, Path root, Terms terms) {
        this.tenantId = tenantId;
        this.folder = root.resolve(tenantId.toString());
        this.nextFolder = root.resolve(tenantId + ".next");
        this.terms = terms;
    }

    UUID tenantId() {
        return tenantId;
    }

    Path folder() {
        return folder;
    }

    boolean isOpen() {
        return index != null;
    }

    /** Up to which change it is searched; 0 if it is not open. */
    long changeNo() {
        TenantIndex open = index;
        return open == null ? 0 : open.changeNo();
    }

    /** What can be searched, opened if it lies on disk and nobody is opening or closing it just now; null otherwise. */
    TenantIndex toSearch() throws IOException {
        TenantIndex open = index;
        if (open != null || !Files.isDirectory(folder) || !lock.tryLock()) {
            return open;
        }
        try {
            if (index == null) {
                index = open(folder, Made.NOTHING);
            }
            return index;
        } catch (IOException damaged) {
            LOG.warn("The search index of tenant {} is damaged; it is built again", tenantId, damaged);
            discard();
            return null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The index that changes are to be put into: the one that is searched or, if that must be made anew and is still of
     * use, another beside it.
     *
     * @param wanted what it is to be made from
     * @param changeNo the tenant's last change: an index that is further is of a later time than the database
     * @throws IOException if the disk fails, or what lies there is damaged; then it is gone
     */
    TenantIndex toFollow(Made wanted, long changeNo) throws IOException {
        lock.lock();
        try {
            if (index != null && !Files.isDirectory(folder)) {
                discard(); // the folder was lost under us
            }
            if (index == null) {
                index = open(folder, wanted);
            }
            if (index.made().equals(wanted) && index.position() <= changeNo) {
                discardNext();
                return index;
            }
            if (!index.made().isKin(wanted) || index.position() > changeNo || index.changeNo() == 0) {
                discard();
                index = open(folder, wanted);
                return index;
            }
            if (next == null) {
                next = open(nextFolder, wanted);
            }
            if (!next.made().equals(wanted) || next.position() > changeNo) {
                discardNext();
                next = open(nextFolder, wanted);
            }
            return next;
        } catch (IOException | RuntimeException damaged) {
            discard();
            throw damaged;
        } finally {
            lock.unlock();
        }
    }

    /** Puts the index that was made beside the old one in its place, if there is one. It is whole. */
    void replaceOld() throws IOException {
        lock.lock();
        try {
            if (next != null) {
                Made made = next.made();
                next.commit();
                closeQuietly(next);
                next = null;
                closeQuietly(index);
                index = null;
                FileSystemUtils.deleteRecursively(folder);
                Files.move(nextFolder, folder);
                index = open(folder, made);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has the index built again, unless that was done already. */
    void discardIf(TenantIndex damaged) {
        lock.lock();
        try {
            if (index == damaged || next == damaged) {
                discard();
            }
        } catch (IOException left) {
            LOG.warn("The search index of tenant {} could not be removed", tenantId, left);
        } finally {
            lock.unlock();
        }
    }

    /** Removes it. */
    void drop() {
        lock.lock();
        try {
            discard();
        } catch (IOException left) {
            LOG.warn("The search index of tenant {} could not be removed", tenantId, left);
        } finally {
            lock.unlock();
        }
    }

    /** Closes it, so that nothing that was put into it is lost. */
    void close() {
        lock.lock();
        try {
            keep(index);
            keep(next);
            index = null;
            next = null;
        } finally {
            lock.unlock();
        }
    }

    private TenantIndex open(Path where, Made anew) throws IOException {
        Files.createDirectories(where);
        return TenantIndex.open(where, terms, anew);
    }

    private void discard() throws IOException {
        closeQuietly(index);
        index = null;
        FileSystemUtils.deleteRecursively(folder);
        discardNext();
    }

    private void discardNext() throws IOException {
        closeQuietly(next);
        next = null;
        FileSystemUtils.deleteRecursively(nextFolder);
    }

    private static void keep(TenantIndex index) {
        try {
            if (index != null && index.uncommitted() > 0) {
                index.commit();
            }
        } catch (IOException | AlreadyClosedException left) {
            LOG.debug("A search index was not committed at its end; what it lacks is read again", left);
        }
        closeQuietly(index);
    }

    private static void closeQuietly(TenantIndex index) {
        try {
            if (index != null) {
                index.close();
            }
        } catch (IOException | IllegalStateException left) {
            LOG.debug("A search index was not closed cleanly; it is a cache", left);
        }
    }
}
