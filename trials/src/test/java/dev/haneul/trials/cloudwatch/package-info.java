/** CloudWatch through the stock SDK. */
@NullMarked
package dev.haneul.trials.cloudwatch;

import org.jspecify.annotations.NullMarked;
