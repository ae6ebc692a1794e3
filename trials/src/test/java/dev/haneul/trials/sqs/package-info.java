/** SQS through the stock SDK, and killed the hard way. */
@NullMarked
package dev.haneul.trials.sqs;

import org.jspecify.annotations.NullMarked;
