/**
 * Bodies in {@code aws-chunked} encoding: each chunk with its signature, trailers with theirs, or trailers alone.
 *
 * <p>Decoded as they stream; nothing is kept but one line. Bytes are handed on before their chunk's signature was
 * seen, and a {@link dev.haneul.api.runtime.Fault} is thrown at the chunk's end where it is wrong: only reading to the
 * end without one means that the bytes are the client's.
 *
 * <p>Followed: S3's API reference, "Transferring Payload in Multiple Chunks" and "… with trailing headers".
 */
@NullMarked
package dev.haneul.wire.chunked;

import org.jspecify.annotations.NullMarked;
