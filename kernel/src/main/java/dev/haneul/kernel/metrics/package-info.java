/** What rooms measure, told without knowing who keeps it. */
@NullMarked
package dev.haneul.kernel.metrics;

import org.jspecify.annotations.NullMarked;
