/** The launcher's commands, run as a user runs them. */
@NullMarked
package dev.haneul.trials.launcher;

import org.jspecify.annotations.NullMarked;
