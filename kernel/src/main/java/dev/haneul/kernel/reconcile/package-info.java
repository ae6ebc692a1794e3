/** The one driver of everything that takes time: it owns the threads and timers, so that no room starts its own. */
@NullMarked
package dev.haneul.kernel.reconcile;

import org.jspecify.annotations.NullMarked;
