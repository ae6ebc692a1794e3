package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;

/**
 * A decoded HTTP request, independent of the server library.
 *
 * @param method upper case
 * @param path raw (percent-encoded), without the query, and as the service's URI templates see it: for S3's virtual
 *     hosts the router has already put the bucket in front
 * @param query the query string
 * @param headers request headers
 * @param body the bytes; empty where there are none
 */
public record WireRequest(String method, String path, QueryString query, Headers headers, Body body) {}
