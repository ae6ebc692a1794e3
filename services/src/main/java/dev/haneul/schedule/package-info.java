/**
 * Schedule expressions as EventBridge, Scheduler and Auto Scaling write them: {@code cron(…)} with six fields, {@code
 * rate(…)} and {@code at(…)}. Pure: text in, moments out.
 */
@NullMarked
package dev.haneul.schedule;

import org.jspecify.annotations.NullMarked;
