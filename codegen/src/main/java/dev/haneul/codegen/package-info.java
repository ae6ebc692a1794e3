/**
 * Build time only: from AWS's published models to Java.
 *
 * <p>Two steps, each with a {@code main} of its own. {@code importer} reads a C2J tree (the {@code service-2.json} layout
 * of AWS's SDKs) and writes {@code models/ID.json}: facts only, no prose, one shape or operation a line, so that a new
 * release of a model reads as a short diff. {@code generator} reads those files, merges {@code models/patches/ID.json}
 * over them, and writes the {@code api} module's sources. {@code model} is what lies between.
 */
@NullMarked
package dev.haneul.codegen;

import org.jspecify.annotations.NullMarked;
