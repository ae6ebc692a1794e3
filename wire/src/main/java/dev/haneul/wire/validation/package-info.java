/**
 * What a model constrains about an input (required, length, range, pattern, enum), checked once, before the service
 * sees it, and told in the wording of the service's family.
 */
@NullMarked
package dev.haneul.wire.validation;

import org.jspecify.annotations.NullMarked;
