/**
 * What is built and what is not, told from the code itself: an operation is implemented where a service's class
 * overrides the generated default. The document is {@code docs/coverage.md}; whoever knows the list of services makes
 * it. Only build tools and the command line use this room.
 */
@NullMarked
package dev.haneul.api.coverage;

import org.jspecify.annotations.NullMarked;
