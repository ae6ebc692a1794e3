/**
 * Drafts permission tables: which action on which resources each operation of a model needs.
 *
 * <p>The facts (action → resource types, resource type → ARN formats and condition keys) are those of AWS's service
 * authorization reference; a draft matches their places to the members of the requests. It is a beginning and a report
 * of what it could not tell: a table is read and corrected by hand before it stands in {@code services}, and one that
 * stands is never overwritten.
 */
@NullMarked
package dev.haneul.codegen.permissions;

import org.jspecify.annotations.NullMarked;
