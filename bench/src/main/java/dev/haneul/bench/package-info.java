/** Measurements from outside, each beside a bare limit in the same run. Reported, never asserted. */
@NullMarked
package dev.haneul.bench;

import org.jspecify.annotations.NullMarked;
