package dev.haneul.wire.sigv4;

import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;

/**
 * The part of a request that its signature covers, as it came over the wire.
 *
 * @param method as sent
 * @param path raw, before virtual hosts are put into it
 * @param query raw and parsed
 * @param headers all of them; {@code Host} is there for HTTP/2 too
 */
public record SigningInput(String method, String path, QueryString query, Headers headers) {}
