/** The image pipeline as a whole, also with the server killed in the middle. */
@NullMarked
package dev.haneul.trials.pipeline;

import org.jspecify.annotations.NullMarked;
