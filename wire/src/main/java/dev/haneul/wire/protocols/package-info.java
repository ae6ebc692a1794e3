/**
 * Bytes ⇄ AWS types: one codec per wire protocol, driven by the schema alone; no service is known here by class.
 *
 * <p>The way through: the gateway turns an HTTP request into a {@link dev.haneul.wire.protocols.WireRequest}; the
 * router picks the service; {@link dev.haneul.wire.protocols.OperationIndex} finds the operation; a
 * {@link dev.haneul.wire.protocols.ProtocolCodec} decodes the input, and later encodes the output or the fault. What
 * few services do in their own way (S3's unwrapped errors) stands as data in {@code ServiceQuirks}.
 *
 * <p>Input is hostile: nesting, sizes and counts are bounded ({@link dev.haneul.wire.protocols.WireLimits}), XML has
 * neither DTDs nor entities, and whatever is malformed becomes a {@link dev.haneul.api.runtime.Fault}, never another
 * exception. Streaming members pass through unread.
 *
 * <p>Followed: the Smithy specifications of restXml, restJson1, awsJson1.0, awsJson1.1, awsQuery, ec2Query, rpcv2Cbor
 * and the AWS event stream. Smithy's own protocol tests judge it; what does not pass stands in {@code known-gaps.txt}
 * of the tests.
 */
@NullMarked
package dev.haneul.wire.protocols;

import org.jspecify.annotations.NullMarked;
