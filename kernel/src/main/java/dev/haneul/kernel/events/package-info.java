/** What services of the region tell each other without knowing who listens. */
@NullMarked
package dev.haneul.kernel.events;

import org.jspecify.annotations.NullMarked;
