package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.SigningKey;

/**
 * A claim that was proven, and what the body's chunks need to be proven too.
 *
 * @param key signs each chunk
 */
public record Verified(Principal principal, Claim claim, SigningKey key) {}
