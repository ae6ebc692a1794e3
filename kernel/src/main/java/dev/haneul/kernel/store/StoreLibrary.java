package dev.haneul.kernel.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sqlite.util.LibraryLoaderUtil;

/** SQLite's native library, which the driver would unpack anew at each start. */
public final class StoreLibrary {
    private StoreLibrary() {}

    /**
     * Puts this system's library into a folder, which a later start names in {@code org.sqlite.lib.path}. Where the
     * driver has none for this system nothing is written, and it goes on looking in its own places.
     *
     * @throws IOException where the folder cannot be written
     */
    public static void unpack(Path folder) throws IOException {
        String name = LibraryLoaderUtil.getNativeLibName();
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
        try (InputStream library = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            if (library != null) {
                Files.createDirectories(folder);
                Files.copy(library, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
