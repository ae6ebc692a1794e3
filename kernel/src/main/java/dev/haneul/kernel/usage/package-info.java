/**
 * What was used of what, for whoever meters it: rooms add up in memory, and once a minute the sums join the facts of the
 * running hour in the store.
 */
@NullMarked
package dev.haneul.kernel.usage;

import org.jspecify.annotations.NullMarked;
