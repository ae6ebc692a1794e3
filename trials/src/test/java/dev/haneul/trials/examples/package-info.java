/** The web examples, run with the launcher as a user runs them: frameworks unchanged, behind function URLs. */
@NullMarked
package dev.haneul.trials.examples;

import org.jspecify.annotations.NullMarked;
