/**
 * From AWS's C2J models ({@code DIR/SERVICE/VERSION/service-2.json[.gz]} and {@code paginators-1.json} beside it) to
 * {@code models/ID.json}.
 *
 * <p>The story in order: {@link dev.haneul.codegen.importer.C2jTree} finds the newest version of a service and says
 * where it comes from, {@link dev.haneul.codegen.importer.C2jService} turns it into Haneul's vocabulary (operations in
 * {@code C2jOperations}, shapes in {@code C2jShapes}), {@link dev.haneul.codegen.importer.ModelFile} writes it, one
 * shape or operation a line, sorted by name. Importing the same tree twice gives the same bytes.
 *
 * <p>What C2J leaves implicit is made explicit here, so that the generator and the codecs need to know nothing of C2J:
 * operations without input or output get empty structures, {@code flattened} moves from lists and maps to the members
 * that use them, streaming blobs and event streams become kinds of their own, and an error's status and culprit are
 * spelt out.
 */
@NullMarked
package dev.haneul.codegen.importer;

import org.jspecify.annotations.NullMarked;
