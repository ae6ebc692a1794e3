/**
 * Amazon SQS: queues as records, messages as entries of storage segments, one log per queue.
 *
 * <p>A queue's log tells everything that happened to its messages: sent, received, made visible, deleted, purged. What is
 * acknowledged is in the log and on disk; {@link dev.haneul.services.sqs.LiveQueue} keeps in memory only an index of what
 * is not yet deleted (bodies while they are few), and makes it again from the log after a restart. A message is known by
 * the position of its first entry, which receipt handles carry sealed. Logs are trimmed as their oldest messages go, and
 * what stays for long is copied forward so that a log never outgrows a few times its live messages.
 *
 * <p>Messages are sealed at rest under a key of the data folder, whatever a queue's attributes say; where those name a KMS
 * key, bodies are sealed under its data keys first, which KMS is asked for as the sender and as the receiver. The index takes some 150
 * bytes a message, 370 in FIFO queues with a group each, and 220 for each deduplication id of the last five minutes; all
 * queues together may have a third of the heap for it. Beyond that sends are answered RequestThrottled until messages are
 * deleted, where AWS knows no such limit for standard queues.
 *
 * <p>Missing: throughput quotas are not enforced; a Query call without QueueUrl
 * that relies on the path alone. A long poll whose client went away goes on until a message comes or its 20 seconds are
 * over; the message is visible again after its visibility timeout. A crash while a message moves to another queue may
 * leave it in both. Followed: the SQS API reference and the Developer Guide's "Amazon SQS message quotas", "FIFO
 * queues", "Dead-letter queues", "Encryption at rest".
 */
@NullMarked
package dev.haneul.services.sqs;

import org.jspecify.annotations.NullMarked;
