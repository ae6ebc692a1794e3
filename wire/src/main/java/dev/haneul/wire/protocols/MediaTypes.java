package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Content types and what a client accepts, RFC 9110. Parameters such as the charset are not compared. */
final class MediaTypes {
    private MediaTypes() {}

    /** {@code application/json; charset=utf-8} → {@code application/json}. */
    static String essence(String type) {
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /** Whether an {@code Accept} header admits a type; none admits all. */
    static boolean accepts(@Nullable String accept, String type) {
        if (accept == null || accept.isBlank()) {
            return true;
        }
        String family = type.substring(0, type.indexOf('/') + 1) + "*";
        for (String range : accept.split(",", 64)) {
            String wanted = essence(range);
            if (wanted.equals("*/*") || wanted.equals("*") || wanted.equals(type) || wanted.equals(family)) {
                return true;
            }
        }
        return false;
    }

    /** 415 as the JSON protocols tell it. */
    static Fault unsupported() {
        return Fault.client("UnsupportedMediaTypeException", 415, "Unsupported media type.");
    }

    /** 406 as the JSON protocols tell it. */
    static Fault notAcceptable() {
        return Fault.client("NotAcceptableException", 406, "Not acceptable.");
    }
}
