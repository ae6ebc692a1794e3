/**
 * Amazon S3.
 *
 * <p>A bucket is a row, an object is a row of its bucket's index plus bytes in the blob store: the bytes are on disk
 * before the row that names them is committed, so an acknowledged object survives a kill and an unacknowledged one
 * leaves nothing but a blob that the next start sweeps away. Bytes that a commit lets go of are written to a trash
 * table by the same commit and removed afterwards, once nobody streams them any more. Listings are skip-scans over the
 * ordered index: a page costs the same in a bucket of ten keys and of a million.
 *
 * <p>Events are facts in the change feed, written by the commit that caused them. A reader of the feed matches them
 * against the bucket's notification configuration and invokes the functions, at least once and in order per bucket.
 */
@NullMarked
package dev.haneul.services.s3;

import org.jspecify.annotations.NullMarked;
