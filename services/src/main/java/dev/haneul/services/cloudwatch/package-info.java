/**
 * CloudWatch: metrics, alarms, dashboards.
 *
 * <p>Points of metrics are in segments: a request's together, on disk when acknowledged, then sorted to their metrics and
 * rolled up (a second's for 3 hours, a minute's for 15 days, five minutes' for 63, an hour's for 455), all by the
 * region's clock. What the region's services measure comes through {@link dev.haneul.kernel.metrics.MetricBuffer}. One
 * reconciler evaluates alarms: each minute, or ten seconds; {@link dev.haneul.services.cloudwatch.AlarmPlan} says what
 * the data mean. A change of state is history, an event for the bus and parcels for topics and functions in one
 * transaction.
 *
 * <p>Missing: anomaly detectors and alarms on them, Metrics Insights queries, insight rules, metric streams,
 * metric widget images, OTel enrichment; actions of EC2, Auto Scaling and Systems Manager (accepted, told as failed in
 * the history). Units are told apart by GetMetricStatistics, added up by GetMetricData and alarms that name none.
 * Mute rules hold actions back, not events; the caller's permission is asked for the
 * rule, not for each alarm it names. Followed: the CloudWatch API reference, "Alarm Mute Rules", "Using Amazon CloudWatch alarms", "CloudWatch statistics definitions", "Using
 * math expressions".
 */
@NullMarked
package dev.haneul.services.cloudwatch;

import org.jspecify.annotations.NullMarked;
