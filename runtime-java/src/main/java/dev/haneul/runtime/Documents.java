package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The reading and writing of documents, which is most of a start: the first costs several times what all else of the
 * client does. A start that has more than one processor to itself does it beside the rest.
 */
final class Documents {
    private Documents() {}

    /** Reads and writes one. */
    static void warm() {
        var maps = JacksonFactory.getInstance().getSerializer(Map.class);
        Object read = maps.fromJson(new ByteArrayInputStream("{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
        JacksonFactory.getInstance().getSerializer(Object.class).toJson(read, new ByteArrayOutputStream());
    }
}
