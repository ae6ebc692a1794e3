/** Certificates that one room keeps and others' listeners present: the seam between ACM and whoever ends TLS. */
@NullMarked
package dev.haneul.kernel.certificates;

import org.jspecify.annotations.NullMarked;
