/**
 * From models to Java sources.
 *
 * <p>{@link dev.haneul.codegen.generator.Generator} reads each model, asks one writer for each file and writes what has
 * changed. Per service: a class per structure ({@code StructWriter}), a class of constants per enum
 * ({@code EnumWriter}), the table of shapes ({@code ShapesWriter}), the service's facts and operations
 * ({@code ServiceWriter}), its interface and its client ({@code ApiWriter}).
 *
 * <p>Everything that could cost start-up time is left to the first use: a structure's schema is made by its class's
 * initialiser, the tables make shapes and operations when they are first asked for, and nothing is found by reflection.
 * Tables are cut into parts so that the largest service (EC2: 765 operations, 4,000 shapes) stays inside the class-file limits and
 * under the size HotSpot compiles.
 */
@NullMarked
package dev.haneul.codegen.generator;

import org.jspecify.annotations.NullMarked;
