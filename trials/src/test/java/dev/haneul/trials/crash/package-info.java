/** A region that is killed the hard way while many things happen in it. */
@NullMarked
package dev.haneul.trials.crash;

import org.jspecify.annotations.NullMarked;
