/**
 * Who signed a request: Signature Version 4, and for the object store Version 2, in the Authorization header and in
 * presigned queries.
 *
 * <p>{@link dev.haneul.wire.sigv4.Claim} is what the request says of its signer, {@link dev.haneul.wire.sigv4.SigV4}
 * checks it against the credentials and the clock, {@link dev.haneul.wire.sigv4.AuthFaults} words the refusals as the
 * service's family does. The body's part (its hash, its chunks) is checked later, while it is read: see the
 * {@code chunked} and {@code checksum} packages beside this one.
 *
 * <p>Followed: IAM's user guide, "Create a signed AWS API request"; S3's API reference, "Authenticating Requests".
 * {@link dev.haneul.wire.sigv4.SigV2} is the object store's old way, which stock clients presign with in old regions.
 * SigV4A, and SigV2 elsewhere, are refused by name.
 */
@NullMarked
package dev.haneul.wire.sigv4;

import org.jspecify.annotations.NullMarked;
