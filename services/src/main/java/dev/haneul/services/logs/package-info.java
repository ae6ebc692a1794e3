/**
 * CloudWatch Logs: groups and streams as records, events as entries of storage segments, one log per stream.
 *
 * <p>A stream's segment log is named after an id of its own, so that a stream made anew never shows the events of the
 * old. An acknowledged event is on disk. Whoever removes streams only removes records; {@link
 * dev.haneul.services.logs.Upkeep} follows the change feed and removes their events, and trims what is past its
 * retention, by the region's clock. Expired events are never told, trimmed or not.
 *
 * <p>Missing still: metric and subscription filters, Insights queries, exports, account and resource policies, data
 * protection, transformers, deliveries. Followed: the CloudWatch Logs API reference and "CloudWatch Logs quotas".
 */
@NullMarked
package dev.haneul.services.logs;

import org.jspecify.annotations.NullMarked;
