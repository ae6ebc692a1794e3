package dev.haneul.engines.machine;

import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.Sparse;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Images as a folder each: {@code root}, one layer, and {@code image}, which names the layer below. */
final class ImageStore implements Images {
    private static final String META = "image";
    private static final int MOST_LAYERS = 32;
    private static final long MOST_ARCHIVE_BYTES = 64L << 30;

    private final Path images;
    private final Path drafts;
    private final Path locks;
    private final Standing standing;
    private final RootDisks rootDisks;
    private final ReentrantLock building = new ReentrantLock();
    private @Nullable AptSettings apt;

    /** Whether disks or snapshots stand on an image. */
    interface Standing {
        boolean on(String image) throws IOException;
    }

    /** Copies what a root disk's machine has written. */
    interface RootDisks {
        /** @return the image the disk stands on */
        String copyUpper(String disk, Path target) throws IOException, InterruptedException;
    }

    ImageStore(Path cache, Standing standing, RootDisks rootDisks) {
        this(cache, standing, rootDisks, null);
    }

    /** @param apt the way to a mirror; none for the host's own, looked up when it is needed */
    ImageStore(Path cache, Standing standing, RootDisks rootDisks, @Nullable AptSettings apt) {
        this.apt = apt;
        this.images = cache.resolve("images");
        this.drafts = cache.resolve("drafts");
        this.locks = cache.resolve("locks");
        this.standing = standing;
        this.rootDisks = rootDisks;
    }

    @Override
    public List<Recipe> recipes() {
        return ImageRecipe.ALL.stream().map(ImageRecipe::recipe).toList();
    }

    @Override
    public Image ensure(String name, Consumer<String> progress) throws IOException, InterruptedException {
        var recipe = ImageRecipe.named(name).orElseThrow(() -> new IOException("there is no recipe " + name));
        var present = find(name);
        if (present.isPresent()) {
            return present.get();
        }
        building.lockInterruptibly();
        try {
            Files.createDirectories(locks);
            try (var file = FileChannel.open(
                            locks.resolve("build"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                    var _ = file.lock()) {
                FileTrees.delete(drafts.resolve("build"));
                return build(recipe, progress);
            }
        } finally {
            building.unlock();
        }
    }

    private Image build(ImageRecipe recipe, Consumer<String> progress) throws IOException, InterruptedException {
        var settings = apt();
        var baseId = ImageRecipe.baseId(settings);
        if (find(baseId).isEmpty()) {
            make("build", baseId, "Debian 12 base", "root", "", draft -> ImageBuild.run(draft, settings, progress));
        }
        var id = recipe.id(baseId);
        return find(id).isPresent()
                ? find(id).get()
                : make("build", id, recipe.recipe().title(), recipe.recipe().userName(), baseId, draft -> {
                    Files.createDirectory(draft.resolve("root"));
                    recipe.write(draft.resolve("root"), images.resolve(baseId).resolve("root"));
                });
    }

    private synchronized AptSettings apt() throws IOException, InterruptedException {
        if (apt == null) {
            apt = AptSettings.ofHost(System.getenv());
        }
        return apt;
    }

    /** Fills a draft's {@code root}. */
    private interface Filling {
        void fill(Path draft) throws IOException, InterruptedException;
    }

    private Image make(String draftName, String id, String title, String userName, String parent, Filling filling)
            throws IOException, InterruptedException {
        var draft = drafts.resolve(draftName);
        FileTrees.delete(draft);
        Files.createDirectories(draft);
        boolean whole = false;
        try {
            filling.fill(draft);
            Files.createDirectories(images);
            DiskMeta.writeForced(
                    draft.resolve(META),
                    "title=" + title + "\nuser=" + userName + "\nparent=" + parent + "\nsize="
                            + size(draft.resolve("root")) + "\n");
            Files.move(draft, images.resolve(id), StandardCopyOption.ATOMIC_MOVE);
            Sparse.forceFolder(images);
            whole = true;
            return find(id).orElseThrow();
        } finally {
            if (!whole) {
                FileTrees.delete(draft);
            }
        }
    }

    private static long size(Path root) throws IOException {
        long[] sum = {0};
        try (var tree = Files.walk(root)) {
            tree.forEach(path -> {
                try {
                    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                        sum[0] += Files.size(path);
                    }
                } catch (IOException e) {
                    return; // changing meanwhile
                }
            });
        }
        return sum[0];
    }

    @Override
    public Optional<Image> find(String id) {
        try {
            if (ImageRecipe.named(id).isPresent()) {
                return read(ImageRecipe.named(id).get().id(ImageRecipe.baseId(apt())));
            }
            return id.isEmpty() ? Optional.empty() : read(DiskStore.safe(id));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private Optional<Image> read(String id) throws IOException {
        var layers = new ArrayList<Path>();
        long size = 0;
        Properties top = null;
        for (var layer = id; !layer.isEmpty() && layers.size() < MOST_LAYERS; ) {
            var folder = images.resolve(layer);
            var meta = meta(folder);
            top = top == null ? meta : top;
            layers.add(folder.resolve("root"));
            size += Long.parseLong(meta.getProperty("size", "0"));
            layer = meta.getProperty("parent", "");
        }
        if (top == null) {
            return Optional.empty();
        }
        return Optional.of(new Image(id, top.getProperty("title", id), top.getProperty("user", "root"), layers, size));
    }

    private static Properties meta(Path folder) throws IOException {
        var properties = new Properties();
        properties.load(new StringReader(Files.readString(folder.resolve(META))));
        return properties;
    }

    @Override
    public List<Image> list() throws IOException {
        var found = new ArrayList<Image>();
        for (var path : Folders.within(images)) {
            find(path.getFileName().toString()).ifPresent(found::add);
        }
        return found;
    }

    @Override
    public Image importTar(String id, Path archive, String userName) throws IOException, InterruptedException {
        return imported(id, userName, root -> ImageImport.tar(archive, root));
    }

    @Override
    public Image importOci(String id, Path layout, String userName) throws IOException, InterruptedException {
        return imported(id, userName, root -> ImageImport.oci(layout, root));
    }

    @Override
    public Image importStream(String id, Packing packing, InputStream bytes, String userName)
            throws IOException, InterruptedException {
        var received = drafts.resolve(UUID.randomUUID().toString());
        Files.createDirectories(received);
        try {
            var archive = received.resolve("archive");
            Sparse.write(bytes, archive, MOST_ARCHIVE_BYTES);
            var layout = Files.createDirectory(received.resolve("layout"));
            return switch (packing) {
                case TAR -> importTar(id, archive, userName);
                case DISK -> imported(id, userName, root -> DiskImage.unpack(archive, root));
                case OCI -> {
                    ImageImport.tar(archive, layout);
                    yield importOci(id, layout, userName);
                }
            };
        } finally {
            FileTrees.delete(received);
        }
    }

    private Image imported(String id, String userName, Filling filling) throws IOException, InterruptedException {
        refuseExisting(id);
        return make(UUID.randomUUID().toString(), id, "imported", userName, "", draft -> {
            var root = Files.createDirectory(draft.resolve("root"));
            filling.fill(root);
            if (!Files.exists(root.resolve("sbin/init"), LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(root.resolve("usr/sbin/init"), LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("what was imported has no /sbin/init: it is no root file system of a server");
            }
        });
    }

    private void refuseExisting(String id) throws IOException {
        if (find(id).isPresent()) {
            throw new FileAlreadyExistsException("there is an image " + id + " already");
        }
    }

    @Override
    public Image create(String id, String rootDisk) throws IOException, InterruptedException {
        refuseExisting(id);
        var draft = drafts.resolve(UUID.randomUUID().toString());
        Files.createDirectories(draft);
        try {
            var root = draft.resolve("root");
            var below = rootDisks.copyUpper(rootDisk, root);
            var parent = find(below).orElseThrow(() -> new IOException("the image " + below + " is gone"));
            if (parent.layers().size() >= MOST_LAYERS) {
                throw new IOException("the image " + below + " has " + MOST_LAYERS + " layers already");
            }
            return make(
                    UUID.randomUUID().toString(),
                    id,
                    "made of " + rootDisk,
                    parent.userName(),
                    parent.id(),
                    it -> Files.move(root, it.resolve("root"), StandardCopyOption.ATOMIC_MOVE));
        } finally {
            FileTrees.delete(draft);
        }
    }

    @Override
    public void delete(String id) throws IOException {
        if (!Files.exists(images.resolve(DiskStore.safe(id)))) {
            return;
        }
        if (standing.on(id)) {
            throw new IOException("disks or snapshots stand on the image " + id);
        }
        for (var path : Folders.within(images)) {
            if (meta(path).getProperty("parent", "").equals(id)) {
                throw new IOException("the image " + path.getFileName() + " stands on the image " + id);
            }
        }
        var gone = drafts.resolve(UUID.randomUUID().toString());
        Files.createDirectories(drafts);
        Files.move(images.resolve(id), gone, StandardCopyOption.ATOMIC_MOVE);
        FileTrees.delete(gone);
    }
}
