/**
 * Bytes that outlive the process and are no control state: blobs (objects, code, layers) and segments (log events,
 * queue bodies, metric points).
 *
 * <p>Blobs are written to a draft, reach the disk, and come into being with the transaction that names them; what no
 * record names any longer goes. Segments are append-only logs that share one journal, so that a thousand log streams
 * wait for the disk once. Both check what they read against checksums, and a full disk leaves nothing half-made.
 *
 * <p>Layers are blobs known by their digest: what registries keep once and engines unpack ({@link
 * dev.haneul.storage.LayerSource} is all that readers need).
 */
@NullMarked
package dev.haneul.storage;

import org.jspecify.annotations.NullMarked;
