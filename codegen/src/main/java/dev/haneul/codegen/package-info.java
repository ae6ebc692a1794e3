/**
 * Build time only: from AWS's published models to Java.
 *
 * <p>Two steps, each runnable by itself through {@link dev.haneul.codegen.Main}. {@code import} reads a C2J tree (the
 * {@code service-2.json} layout of AWS's SDKs) and writes {@code models/ID.json}: facts only, no prose, one shape or
 * operation a line, so that a new release of a model reads as a short diff. {@code generate} reads those files, merges
 * {@code models/patches/ID.json} over them, and writes the {@code api} module's sources.
 */
@NullMarked
package dev.haneul.codegen;

import org.jspecify.annotations.NullMarked;
