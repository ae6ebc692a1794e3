/** The house rules that a test can hold: walls between rooms, and limits on files and functions. */
@NullMarked
package dev.haneul.trials.house;

import org.jspecify.annotations.NullMarked;
