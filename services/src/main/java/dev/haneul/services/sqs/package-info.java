/**
 * Amazon SQS: queues as records, messages as entries of storage segments, one log per queue.
 *
 * <p>A queue's log tells everything that happened to its messages: sent, received, made visible, deleted, purged. What is
 * acknowledged is in the log and on disk; {@link dev.haneul.services.sqs.LiveQueue} keeps in memory only an index of what
 * is not yet deleted (bodies while they are few), and makes it again from the log after a restart. A message is known by
 * the position of its first entry, which receipt handles carry sealed. Logs are trimmed as their oldest messages go, and
 * what stays for long is copied forward so that a log never outgrows a few times its live messages.
 *
 * <p>Missing: messages are not encrypted by KMS keys or SSE-SQS (the attributes are kept and told); throughput quotas are
 * not enforced; the index of a queue is in memory whatever its length. Followed: the SQS API reference and the Developer
 * Guide's "Amazon SQS message quotas", "FIFO queues", "Dead-letter queues".
 */
@NullMarked
package dev.haneul.services.sqs;

import org.jspecify.annotations.NullMarked;
