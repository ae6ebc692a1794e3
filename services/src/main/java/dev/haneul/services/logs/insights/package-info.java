/**
 * CloudWatch Logs Insights: queries parsed once, then fed events one by one. Pure. Commands: fields, filter, parse, stats,
 * sort, limit, display, dedup. Missing: pattern, diff, anomaly, unmask, lookup, SOURCE, and the languages SQL and PPL.
 * Followed: "CloudWatch Logs Insights language query syntax".
 */
@NullMarked
package dev.haneul.services.logs.insights;

import org.jspecify.annotations.NullMarked;
