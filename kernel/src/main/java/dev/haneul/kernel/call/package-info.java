/**
 * How an operation reaches its service: the dispatcher, the permission seam in front of it, and the credential seam
 * that says who a signature belongs to.
 */
@NullMarked
package dev.haneul.kernel.call;

import org.jspecify.annotations.NullMarked;
