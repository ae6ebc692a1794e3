package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Request bodies that a client compressed, where the model lets it. See Smithy's {@code requestCompression}. */
public final class Gzip {
    /** Deflate packs no tighter than this. */
    private static final int DEFLATE_RATIO = 1032;

    private static final int STEP_BYTES = 16 << 10;

    private Gzip() {}

    /** Whether a {@code Content-Encoding} says that gzip was the last thing done to the body. */
    public static boolean named(@Nullable String contentEncoding) {
        if (contentEncoding == null) {
            return false;
        }
        String last = contentEncoding.substring(contentEncoding.lastIndexOf(',') + 1);
        return last.strip().toLowerCase(Locale.ROOT).equals("gzip");
    }

    /** How many bytes may come out of so many (negative for unknown), where no more than a limit is let out. */
    public static long atMost(long packedBytes, int limitBytes) {
        return packedBytes < 0 ? limitBytes : Math.min(limitBytes, packedBytes * DEFLATE_RATIO);
    }

    /**
     * Unpacks a body.
     *
     * @throws Fault 413 as soon as more than the limit comes out; 400 where it is no gzip
     */
    public static byte[] unpack(InputStream packed, int limitBytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] step = new byte[STEP_BYTES];
        try (GZIPInputStream in = new GZIPInputStream(packed, STEP_BYTES)) {
            for (int read = in.read(step); read >= 0; read = in.read(step)) {
                if (out.size() + read > limitBytes) {
                    throw Bodies.tooLarge(limitBytes);
                }
                out.write(step, 0, read);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw Fault.client("SerializationException", 400, "The request body is not in gzip format.");
        }
    }
}
