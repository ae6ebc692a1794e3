package dev.haneul.storage;

/**
 * A content known by its digest.
 *
 * @param digest {@code sha256:} and 64 hex digits in lower case
 * @param size bytes
 */
public record Layer(String digest, long size) {}
