/**
 * From models to class files, written with the JDK's own {@code java.lang.classfile}: thirteen thousand classes take
 * seconds, where writing and compiling their sources took a minute.
 *
 * <p>{@link dev.haneul.codegen.generator.Generator} reads each model, asks one writer for each kind of class and writes
 * what has changed. Per service, in the package {@code dev.haneul.api.<id>} (for {@code s3}):
 *
 * <ul>
 *   <li>{@code StructWriter}: for each structure, union, event stream and error a final class that extends
 *       {@code Struct}: {@code SHAPE} is its schema; a getter and a fluent setter for each member. A member that is not
 *       set reads as null ({@code @Nullable}, unless it is required) or as an empty list or map, which {@code hasX()}
 *       tells from one that was set to be empty. {@code null} unsets.
 *   <li>{@code EnumWriter}: for each enum a class of string constants, and {@code VALUES}, all of them in the model's
 *       order.
 *   <li>{@code ShapesWriter}: {@code S3Shapes}, the table of shapes, each made when first asked for.
 *   <li>{@code ServiceWriter}: {@code S3Model}, the table of operations, each made when first asked for, and
 *       {@code S3Operations}, a constant for each.
 *   <li>{@code ApiWriter}: {@code S3Api}, every operation as a default method that answers NotImplemented until it is
 *       built; {@code S3ApiInvoke}, from an operation's index to its method; {@code S3Client}, which calls through a
 *       Caller with no wire in between.
 * </ul>
 *
 * {@code CatalogWriter} lists the services in {@code dev.haneul.api.Catalog}.
 *
 * <p>Everything that could cost start-up time is left to the first use: a structure's schema is made by its class's
 * initialiser, the tables make shapes and operations when they are first asked for, and nothing is found by reflection.
 * Tables are cut into parts so that the largest service (EC2: 765 operations, 4,000 shapes) stays inside the class-file
 * limits and under the size HotSpot compiles.
 *
 * <p>The classes carry what a compiler needs to know of them (generic signatures, {@code @NullMarked},
 * {@code @Nullable}) and nothing for a debugger: there is no source to step through.
 */
@NullMarked
package dev.haneul.codegen.generator;

import org.jspecify.annotations.NullMarked;
