/**
 * From a call to an event: which operations leave one, what of a request and its answer may be shown, who made it. Pure;
 * what it makes is the record of AWS's "CloudTrail record contents", version 1.11.
 */
@NullMarked
package dev.haneul.services.cloudtrail.record;

import org.jspecify.annotations.NullMarked;
