package dev.haneul.services.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.runtime.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MultipartFormTest {
    private static final String TYPE = "multipart/form-data; boundary=----xyz";

    private static byte[] form(byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("""
                ------xyz\r
                Content-Disposition: form-data; name="Key"\r
                \r
                user/${filename}\r
                ------xyz\r
                Content-Disposition: form-data; name="x-amz-meta-näme"\r
                \r
                värde\r
                ------xyz\r
                Content-Disposition: form-data; name="file"; filename="C:\\dir\\a b.jpg"\r
                Content-Type: image/jpeg\r
                \r
                """.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(file);
        out.writeBytes(
                "\r\n------xyz\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload\r\n------xyz--\r\n"
                        .getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /** A stream that gives a few bytes at a time, as sockets do. */
    private static InputStream drip(byte[] bytes, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(40)));
            }
        };
    }

    @Property(tries = 300, seed = "2026")
    void theFileComesOutAsItWentIn(@ForAll long seed, @ForAll @IntRange(max = 300) int length) throws IOException {
        Random random = new Random(seed);
        byte[] file = new byte[length];
        byte[] alphabet = "\r\n-xyz".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < length; i++) {
            file[i] = alphabet[random.nextInt(alphabet.length)];
        }
        if (new String(file, StandardCharsets.US_ASCII).contains("\r\n------xyz")) {
            return;
        }
        MultipartForm form = MultipartForm.read(drip(form(file), random), TYPE);
        assertThat(form.fields()).containsEntry("key", "user/${filename}").containsEntry("x-amz-meta-näme", "värde");
        assertThat(form.fileName()).isEqualTo("a b.jpg");
        assertThat(form.file().readAllBytes()).isEqualTo(file);
    }

    @Test
    void aLargeFileIsStreamed() throws IOException {
        byte[] file = new byte[1_000_003];
        new Random(1).nextBytes(file);
        MultipartForm form = MultipartForm.read(new ByteArrayInputStream(form(file)), TYPE);
        assertThat(form.file().readAllBytes()).isEqualTo(file);
    }

    private static void refused(String code, byte[] body, String type) {
        assertThatThrownBy(() -> MultipartForm.read(new ByteArrayInputStream(body), type)
                        .file()
                        .readAllBytes())
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    @Test
    void aBodyThatEndsEarlyIsRefusedWherever() {
        byte[] whole = form(new byte[] {1, 2, 3});
        int fileEnd = new String(whole, StandardCharsets.ISO_8859_1).indexOf("\u0001\u0002\u0003") + 3 + 11;
        for (int length = 0; length < fileEnd; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            refused("MalformedPOSTRequest", cut, TYPE);
        }
    }

    @Test
    void aFormWithoutAFileIsRefused() {
        String body = "------xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n------xyz--\r\n";
        refused("InvalidArgument", body.getBytes(StandardCharsets.US_ASCII), TYPE);
    }

    @Test
    void fieldsBeforeTheFileAreBounded() {
        String body = "------xyz\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n" + "k".repeat(21_000);
        refused("MaxPostPreDataLengthExceeded", body.getBytes(StandardCharsets.US_ASCII), TYPE);
        String header = "------xyz\r\n" + "X: y\r\n".repeat(5_000);
        refused("MaxPostPreDataLengthExceeded", header.getBytes(StandardCharsets.US_ASCII), TYPE);
        String line = "------xyz\r\n" + "X".repeat(70_000);
        refused("MaxPostPreDataLengthExceeded", line.getBytes(StandardCharsets.US_ASCII), TYPE);
    }

    @Test
    void aTypeWithoutABoundaryIsRefused() {
        refused("MalformedPOSTRequest", form(new byte[1]), "multipart/form-data");
        refused("MalformedPOSTRequest", form(new byte[1]), "multipart/form-data; boundary=" + "x".repeat(300));
    }
}
