package dev.haneul.wire.router;

import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import dev.haneul.wire.sigv4.Scope;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a request is routed by.
 *
 * @param path raw
 * @param host the host name in lower case, without its port
 * @param scope what its signature claims to be for, null for unsigned requests
 * @param form reads the body of a form, asked only where the query has no action
 */
public record RoutingInput(
        String method,
        String path,
        QueryString query,
        Headers headers,
        String host,
        @Nullable Scope scope,
        FormReader form) {
    /** Reads a request's form. */
    @FunctionalInterface
    public interface FormReader {
        /** The form's parameters; empty where the body is no form. */
        QueryString read() throws IOException;
    }
}
