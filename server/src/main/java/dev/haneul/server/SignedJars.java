package dev.haneul.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Takes the signatures off jars. The start-up cache holds no class of a signed jar, and whatever refers to one is then
 * checked against it while the JVM boots: a third of a start for reading the signatures of classes that nobody needs
 * yet. The jars come from the build's own repository, which has checked them.
 */
final class SignedJars {
    private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private SignedJars() {}

    /**
     * Rewrites the signed jars of a folder without their signatures; others stay as they are.
     *
     * @throws IOException where one cannot be read or written; it is left as it was
     */
    static void strip(Path folder) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : jars) {
                if (signed(jar)) {
                    Path draft = jar.resolveSibling(jar.getFileName() + ".new");
                    copyUnsigned(jar, draft);
                    Files.move(draft, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static boolean signed(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream()
                    .anyMatch(entry -> SIGNATURE.matcher(entry.getName()).matches());
        }
    }

    private static void copyUnsigned(Path jar, Path draft) throws IOException {
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(draft);
                ZipOutputStream to = new ZipOutputStream(file)) {
            Enumeration<? extends ZipEntry> entries = from.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!SIGNATURE.matcher(entry.getName()).matches()) {
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream content = from.getInputStream(entry)) {
                        copy(entry.getName(), content, to);
                    }
                    to.closeEntry();
                }
            }
        }
    }

    /** All of it; of the manifest not its sections, which are the digests that the signatures vouch for. */
    private static void copy(String name, InputStream from, OutputStream to) throws IOException {
        if (name.equals(MANIFEST)) {
            Manifest manifest = new Manifest(from);
            manifest.getEntries().clear();
            manifest.write(to);
        } else {
            from.transferTo(to);
        }
    }
}
