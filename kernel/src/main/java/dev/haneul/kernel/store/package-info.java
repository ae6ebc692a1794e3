/**
 * The only home of control state: typed tables, durable commits, the change feed.
 *
 * <p>Records are immutable and keyed by account, region and id. A transaction that returned is on disk. Each commit is
 * appended to the change feed in the order of commits, so the feed is the outbox: whoever must act on a change reads
 * the feed past its own named cursor, and a crash repeats a delivery and never loses one.
 */
@NullMarked
package dev.haneul.kernel.store;

import org.jspecify.annotations.NullMarked;
