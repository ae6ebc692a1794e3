/** The digests and checksums that AWS's protocols ask for, under one face. */
@NullMarked
package dev.haneul.kernel.digest;

import org.jspecify.annotations.NullMarked;
