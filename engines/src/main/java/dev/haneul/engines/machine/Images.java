package dev.haneul.engines.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Root file systems that machines boot from. Those with a recipe are built on first use and shared by all regions of
 * this host's user; those that were imported or made from a disk are in the same folder under their own ids.
 */
public interface Images {
    /** The recipes there are: {@code debian-12}, {@code amazon-linux}, {@code ubuntu}. */
    List<Recipe> recipes();

    /**
     * The image of a recipe, built where it is not in the cache: half a minute and some 100 MB of downloads. Two callers
     * share one build, also from two processes. A build that fails half-way leaves nothing.
     *
     * @param progress told a line now and then
     * @throws IOException with the tool's last words where it cannot be built, e.g. without a way to a mirror or on a full
     *     disk
     */
    Image ensure(String recipe, Consumer<String> progress) throws IOException, InterruptedException;

    /** An image that is there; a recipe's name finds its image once that is built. */
    Optional<Image> find(String id);

    List<Image> list() throws IOException;

    /**
     * Unpacks a root file system. It needs an init at {@code /sbin/init}; without sshd nobody can log in.
     *
     * @param archive a tar, plain, gzip, xz or zstd
     * @param userName the default user, made at first boot where it is not there
     * @throws IOException also where the archive holds no root file system
     */
    Image importTar(String id, Path archive, String userName) throws IOException, InterruptedException;

    /** As {@link #importTar}, of a folder in the OCI image layout (its first manifest). */
    Image importOci(String id, Path layout, String userName) throws IOException, InterruptedException;

    /** What a root file system comes in. */
    enum Packing {
        /** A tar of the root file system, plain, gzip, xz or zstd: what {@code docker export} writes. */
        TAR,
        /** A tar of an OCI image layout, or of what {@code docker save} writes in that layout. */
        OCI,
        /** A raw disk, whose largest ext2, ext3 or ext4 file system is the root. */
        DISK
    }

    /** As {@link #importTar}, of bytes that come from elsewhere: at most 64 GiB. */
    default Image importStream(String id, Packing packing, InputStream bytes, String userName)
            throws IOException, InterruptedException {
        throw new IOException("nothing can be imported here");
    }

    /**
     * Makes an image of a root disk: what the machine has written comes as a further layer above the image it booted from.
     * The disk may be in use; for a consistent image freeze or stop the machine.
     */
    Image create(String id, String rootDisk) throws IOException, InterruptedException;

    /**
     * Removes an image. Does nothing where there is none.
     *
     * @throws IOException where disks, snapshots or other images still stand on it
     */
    void delete(String id) throws IOException;

    /**
     * What can be built.
     *
     * @param name the recipe's
     * @param title what it is, honestly, e.g. {@code Amazon-Linux-like system of Debian 12 packages}
     * @param userName the default user
     */
    record Recipe(String name, String title, String userName) {}

    /**
     * A root file system.
     *
     * @param id what {@link #find} knows it by
     * @param title for people
     * @param userName the default user
     * @param layers its folders, the topmost first
     * @param sizeBytes how much disk all layers take
     */
    record Image(String id, String title, String userName, List<Path> layers, long sizeBytes) {
        public Image {
            layers = List.copyOf(layers);
        }
    }
}
