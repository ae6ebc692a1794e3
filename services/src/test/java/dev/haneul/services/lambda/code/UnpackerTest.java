package dev.haneul.services.lambda.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.services.lambda.TempFolder;
import dev.haneul.services.lambda.Zips;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackerTest {
    private static final String UNREADABLE =
            "Could not unzip uploaded file. Please check your file, then try to upload again.";
    private TempFolder folder;
    private Path target;

    @BeforeEach
    void make() throws IOException {
        folder = new TempFolder();
        target = Files.createDirectory(folder.path().resolve("code"));
    }

    @AfterEach
    void remove() throws IOException {
        folder.close();
    }

    @Test
    void filesAndFoldersComeOutAsTheyWentIn() throws Exception {
        byte[] zip = Zips.of(Map.of(
                "app.py", "x = 1\n".getBytes(StandardCharsets.UTF_8),
                "deep/er/한글.txt", "하늘".getBytes(StandardCharsets.UTF_8),
                "empty/", new byte[0]));
        assertThat(unpack(zip)).isEqualTo(12);
        assertThat(target.resolve("app.py")).hasContent("x = 1\n");
        assertThat(target.resolve("deep/er/한글.txt")).hasContent("하늘");
        assertThat(target.resolve("empty")).isDirectory();
    }

    @Test
    void executableFilesStaySo() throws Exception {
        unpack(withMode(Zips.of("bootstrap", "#!/bin/sh\n"), 0100755));
        assertThat(target.resolve("bootstrap")).isExecutable();
        assertThat(Files.getPosixFilePermissions(target.resolve("bootstrap")))
                .contains(java.nio.file.attribute.PosixFilePermission.OTHERS_EXECUTE);
    }

    @Test
    void linksWithinThePackageWork() throws Exception {
        unpack(withMode(Zips.of("link", "dir/../file"), 0120777));
        assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("dir/../file"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../outside", "a/../../outside", "..", "a/../.."})
    void linksOutOfThePackageAreRefused(String to) {
        refused(withMode(Zips.of("link", to), 0120777), UNREADABLE);
    }

    @Test
    void linksThatClimbThroughOtherLinksAreRefused() {
        byte[] zip = Zips.of(Map.of(
                "a/b/root", "../..".getBytes(StandardCharsets.UTF_8),
                "a/b/up", "root/..".getBytes(StandardCharsets.UTF_8)));
        refused(withMode(zip, 0120777), UNREADABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/evil", "a/../../evil", "a\\..\\evil", "a/\0b"})
    void namesThatLeaveTheFolderAreRefused(String name) {
        refused(Zips.of(name, "x"), UNREADABLE);
        assertThat(folder.path().resolve("evil")).doesNotExist();
    }

    @Test
    void nothingIsWrittenThroughALink() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "out", "elsewhere");
            put(zip, "out/file", "x");
        }
        byte[] evil = bytes.toByteArray();
        refused(firstWithMode(evil, 0120777), UNREADABLE);
    }

    @Test
    void whatIsNoZipIsRefused() {
        refused("hello, I am no zip".getBytes(StandardCharsets.UTF_8), UNREADABLE);
        refused(new byte[0], UNREADABLE);
        byte[] zip = Zips.of("a", "some text");
        refused(java.util.Arrays.copyOf(zip, zip.length - 10), UNREADABLE);
    }

    @Test
    void anEmptyZipIsRefused() {
        refused(Zips.of(Map.of()), "Uploaded file must be a non-empty zip");
    }

    @Test
    void aWrongChecksumIsRefused() {
        byte[] zip = Zips.of("a.txt", "some text that is long enough");
        int directory = directory(zip);
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 16, 12345);
        refused(zip, UNREADABLE);
    }

    @Test
    void sizesThatLieAreFoundOut() {
        byte[] zip = Zips.of("a.txt", "0".repeat(100_000));
        int directory = directory(zip);
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 10);
        refused(zip, UNREADABLE);
        assertThat(target.resolve("a.txt"))
                .satisfiesAnyOf(
                        file -> assertThat(file).doesNotExist(),
                        file -> assertThat(Files.size(file)).isLessThan(100_000));
    }

    @Test
    void aCompressionBombIsRefusedByItsSize() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            byte[] zeros = new byte[1 << 20];
            zip.putNextEntry(new ZipEntry("bomb"));
            for (int i = 0; i < 251; i++) {
                zip.write(zeros);
            }
            zip.closeEntry();
        }
        assertThat(bytes.size()).isLessThan(1 << 20);
        refused(bytes.toByteArray(), "Unzipped size must be smaller than 262144000 bytes");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void aFileAndAFolderOfOneNameAreRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "same", "file");
            put(zip, "same/below", "x");
        }
        refused(bytes.toByteArray(), UNREADABLE);
    }

    @Test
    void encryptedEntriesAreRefused() {
        byte[] zip = Zips.of("a.txt", "text");
        int directory = directory(zip);
        zip[directory + 8] |= 1;
        refused(zip, UNREADABLE);
    }

    private static void put(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private long unpack(byte[] zip) throws IOException, BadPackageException {
        Path file = folder.path().resolve("code.zip");
        Files.write(file, zip);
        return Unpacker.unpack(file, target);
    }

    private void refused(byte[] zip, String message) {
        assertThatThrownBy(() -> unpack(zip))
                .isInstanceOf(BadPackageException.class)
                .hasMessage(message);
    }

    /** Where the central directory begins. */
    private static int directory(byte[] zip) {
        return ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).getInt(zip.length - 22 + 16);
    }

    /** Says that every entry was made on Unix, with this mode. */
    private static byte[] withMode(byte[] zip, int mode) {
        byte[] changed = zip.clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = directory(zip); bytes.getInt(at) == 0x02014b50; at = setMode(bytes, at, mode)) {}
        return changed;
    }

    private static byte[] firstWithMode(byte[] zip, int mode) {
        byte[] changed = zip.clone();
        setMode(ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN), directory(zip), mode);
        return changed;
    }

    private static int setMode(ByteBuffer bytes, int at, int mode) {
        bytes.put(at + 5, (byte) 3);
        bytes.putInt(at + 38, mode << 16);
        return at + 46 + bytes.getShort(at + 28) + bytes.getShort(at + 30) + bytes.getShort(at + 32);
    }
}
