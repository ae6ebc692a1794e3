/**
 * CloudWatch Logs: groups and streams as records, events as entries of storage segments, one log per stream.
 *
 * <p>A stream's segment log is named after an id of its own, so that a stream made anew never shows the events of the
 * old. An acknowledged event is on disk. Whoever removes streams only removes records; {@link
 * dev.haneul.services.logs.Upkeep} follows the change feed and removes their events, and trims what is past its
 * retention, by the region's clock. Expired events are never told, trimmed or not.
 *
 * <p>What is put is offered to live tails, metric filters, embedded metrics and subscriptions ({@link
 * dev.haneul.services.logs.Intake}): metrics are told to the region's buffer, a subscriber's events are put into a
 * durable queue before the answer; a crash between the two writes loses that batch for the subscriber. Insights queries
 * and their results live in memory.
 *
 * <p>{@link dev.haneul.services.logs.DataProtection} hides sensitive data wherever events are told that came in while a
 * policy stood; {@link dev.haneul.services.logs.Exports} carries events to buckets.
 *
 * <p>Missing still: subscriptions to Kinesis, Firehose and destinations, account policies but for data protection, custom
 * data identifiers and findings of audits, transformers, deliveries, anomaly detectors, index policies of accounts. Resource policies
 * and destinations are kept and decide nothing; a group's key is kept, and its events are not encrypted with it. Followed:
 * the CloudWatch Logs API reference and "CloudWatch Logs quotas".
 */
@NullMarked
package dev.haneul.services.logs;

import org.jspecify.annotations.NullMarked;
