/** Time as a seam: real, or virtual and steered by tests and {@code haneul clock}. */
@NullMarked
package dev.haneul.kernel.time;

import org.jspecify.annotations.NullMarked;
