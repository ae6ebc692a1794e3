package dev.haneul.api.runtime;

import java.util.Map;

/** A request body that came with checksums, checked while it is read. */
public interface ChecksummedBody extends Body {
    /**
     * The checksums the client declared and the bytes were found to have, by header name in lower case
     * ({@code x-amz-checksum-crc32c}), as base64. Whole, with those that came in trailers, once {@link #stream} was
     * read to its end without an exception; empty before.
     */
    Map<String, String> checksums();
}
