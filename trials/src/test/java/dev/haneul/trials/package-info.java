/** Black-box tests: the real server on a port of its own, and real clients. */
@NullMarked
package dev.haneul.trials;

import org.jspecify.annotations.NullMarked;
