/**
 * Who signed a request: Signature Version 4 in the Authorization header and in presigned queries.
 *
 * <p>{@link dev.haneul.wire.sigv4.Claim} is what the request says of its signer, {@link dev.haneul.wire.sigv4.SigV4}
 * checks it against the credentials and the clock, {@link dev.haneul.wire.sigv4.AuthFaults} words the refusals as the
 * service's family does. The body's part (its hash, its chunks) is checked later, while it is read: see the
 * {@code chunked} and {@code checksum} packages beside this one.
 *
 * <p>Followed: IAM's user guide, "Create a signed AWS API request"; S3's API reference, "Authenticating Requests".
 * SigV2 and SigV4A are refused by name.
 */
@NullMarked
package dev.haneul.wire.sigv4;

import org.jspecify.annotations.NullMarked;
