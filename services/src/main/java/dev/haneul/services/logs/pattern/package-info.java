/**
 * Filter patterns of CloudWatch Logs, parsed once and matched often: terms, regular expressions, JSON selectors and
 * space-delimited fields. Pure: text in, yes or no out. Followed: "Filter pattern syntax for metric filters, subscription
 * filters, filter log events, and Live Tail".
 */
@NullMarked
package dev.haneul.services.logs.pattern;

import org.jspecify.annotations.NullMarked;
