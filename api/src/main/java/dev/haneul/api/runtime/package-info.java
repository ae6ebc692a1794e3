/**
 * What every generated AWS type is made of: shapes (the schema), structs (the values), faults and the call context.
 *
 * <p>The generated packages beside this one ({@code dev.haneul.api.s3}, {@code dev.haneul.api.lambda}, …) hold one
 * class per structure and one interface per service. Codecs, validation, authorisation and audit work from the shapes
 * alone and know no service.
 */
@NullMarked
package dev.haneul.api.runtime;

import org.jspecify.annotations.NullMarked;
