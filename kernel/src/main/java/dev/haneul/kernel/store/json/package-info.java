/**
 * How records become JSON: a form per Java type, resolved once from record components to method handles. This is the
 * only place of the kernel that reflects.
 */
@NullMarked
package dev.haneul.kernel.store.json;

import org.jspecify.annotations.NullMarked;
