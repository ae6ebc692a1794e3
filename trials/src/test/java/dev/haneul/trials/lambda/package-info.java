/** Lambda as a stock SDK sees it. */
@NullMarked
package dev.haneul.trials.lambda;

import org.jspecify.annotations.NullMarked;
