package dev.haneul.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedJarsTest {
    private static final String MANIFEST = """
            Manifest-Version: 1.0
            Multi-Release: true

            Name: a/Class.class
            SHA-256-Digest: AAAA

            """;

    @TempDir
    Path folder;

    @Test
    void contentsAndMainAttributesStayAndSignaturesGo() throws IOException {
        Path jar = jar("signed.jar", "META-INF/KEY.SF", "META-INF/KEY.RSA", "a/Class.class");
        SignedJars.strip(folder);
        try (JarFile stripped = new JarFile(jar.toFile())) {
            assertThat(stripped.stream().map(ZipEntry::getName))
                    .containsExactly("META-INF/MANIFEST.MF", "a/Class.class");
            assertThat(stripped.getManifest().getMainAttributes().getValue("Multi-Release"))
                    .isEqualTo("true");
            assertThat(stripped.getManifest().getEntries()).isEmpty();
            assertThat(stripped.getInputStream(stripped.getEntry("a/Class.class"))
                            .readAllBytes())
                    .isEqualTo("of a/Class.class".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(folder.toFile().list()).containsExactly("signed.jar");
    }

    @Test
    void otherJarsAreNotTouched() throws IOException {
        Path jar = jar("plain.jar", "META-INF/other.txt", "a/Class.class");
        byte[] before = Files.readAllBytes(jar);
        SignedJars.strip(folder);
        assertThat(jar).hasBinaryContent(before);
    }

    private Path jar(String name, String... entries) throws IOException {
        Path jar = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            out.write(MANIFEST.getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
            for (String entry : entries) {
                out.putNextEntry(new ZipEntry(entry));
                out.write(("of " + entry).getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return jar;
    }
}
