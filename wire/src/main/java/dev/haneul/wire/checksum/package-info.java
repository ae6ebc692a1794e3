/**
 * What a client says about its body's bytes (length, payload hash, Content-MD5, {@code x-amz-checksum-*} in headers and
 * trailers), checked while the body is read. See S3's user guide, "Checking object integrity".
 */
@NullMarked
package dev.haneul.wire.checksum;

import org.jspecify.annotations.NullMarked;
