package dev.haneul.engines.machine;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Volumes: sparse files that machines see as block devices. Ids are the caller's ({@code vol-…}, {@code snap-…}), safe as
 * file names. What a method made or removed is on disk when it returns.
 *
 * <p><b>Root disks</b> hold a file system with what the machine has written, above its image: booting copies nothing. A
 * snapshot of a root disk therefore names the image it stands on, and restores to a root disk. Attached to another
 * machine as a second disk it shows the written files under {@code upper/}, not the whole tree.
 */
public interface Disks {
    /** An empty disk, all zeros. */
    Disk create(String id, long sizeBytes) throws IOException;

    /** A disk to boot from. */
    Disk createRoot(String id, String image, long sizeBytes) throws IOException;

    /**
     * A disk with a snapshot's bytes.
     *
     * @param sizeBytes at least the snapshot's
     */
    Disk restore(String id, String snapshotId, long sizeBytes) throws IOException;

    Optional<Disk> find(String id);

    List<Disk> list() throws IOException;

    /**
     * Makes it larger, also while a machine has it: the device grows at once, the file system on it when the machine says
     * so ({@code resize2fs}); a root disk's grows with it.
     */
    Disk grow(String id, long sizeBytes) throws IOException;

    /**
     * Removes a disk. Does nothing where there is none.
     *
     * @throws IOException where a machine has it
     */
    void delete(String id) throws IOException;

    /**
     * Keeps the disk's bytes of this moment. Only chunks of 512 KiB that no snapshot has yet are stored. Of a disk in use
     * it is as after a power failure, like everybody's.
     */
    Snapshot snapshot(String snapshotId, String diskId) throws IOException;

    /**
     * Keeps bytes that come from elsewhere, as of a disk of so many bytes at most.
     *
     * @throws IOException also where there are more
     */
    default Snapshot importSnapshot(String snapshotId, InputStream bytes, long mostBytes) throws IOException {
        throw new IOException("nothing can be imported here");
    }

    Optional<Snapshot> findSnapshot(String snapshotId);

    List<Snapshot> snapshots() throws IOException;

    /** Removes a snapshot, and the chunks that no other has. Does nothing where there is none. */
    void deleteSnapshot(String snapshotId) throws IOException;

    /**
     * A volume.
     *
     * @param sizeBytes as the machine sees it
     * @param allocatedBytes what it takes on the host
     * @param image the image a root disk stands on
     */
    record Disk(String id, long sizeBytes, long allocatedBytes, Optional<String> image) {}

    /**
     * A disk's bytes of one moment.
     *
     * @param sizeBytes the disk's
     * @param dataBytes in chunks that are not all zeros
     * @param storedBytes of those, what this snapshot was the first to store
     * @param image the image it stands on, where it is a root disk's
     */
    record Snapshot(String id, long sizeBytes, long dataBytes, long storedBytes, Optional<String> image) {}
}
