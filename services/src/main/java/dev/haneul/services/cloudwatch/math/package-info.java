/**
 * Metric math: expressions, parsed once and evaluated over time series. Pure. Followed: "Using math expressions with
 * CloudWatch metrics" and "CloudWatch search expression syntax".
 */
@NullMarked
package dev.haneul.services.cloudwatch.math;

import org.jspecify.annotations.NullMarked;
