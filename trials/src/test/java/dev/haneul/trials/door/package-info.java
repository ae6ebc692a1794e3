/** Who may come in: signatures, expiry, and what hostile requests are told. */
@NullMarked
package dev.haneul.trials.door;

import org.jspecify.annotations.NullMarked;
