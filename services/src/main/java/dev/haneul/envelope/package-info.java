/** Envelope encryption under KMS, as rooms that keep secrets share it. */
@NullMarked
package dev.haneul.envelope;

import org.jspecify.annotations.NullMarked;
