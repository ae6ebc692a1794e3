/**
 * Instance types: what AWS publishes of them, and the operations that tell it.
 *
 * <p>The list ships with the server and is read when first asked for. It is the same in every region; every type is
 * offered in every zone. What AWS does not publish in bulk (valid core counts, enclaves, attachment limits) follows the
 * rules of the user guide's pages and may differ for single types.
 */
@NullMarked
package dev.haneul.services.ec2.types;

import org.jspecify.annotations.NullMarked;
