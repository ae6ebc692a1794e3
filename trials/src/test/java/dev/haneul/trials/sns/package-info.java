/** SNS through the stock SDK. */
@NullMarked
package dev.haneul.trials.sns;

import org.jspecify.annotations.NullMarked;
