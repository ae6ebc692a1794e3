package dev.haneul.services.sts;

import dev.haneul.api.runtime.Principal;
import java.time.Instant;

/**
 * What a session token holds.
 *
 * @param secretKey signs; never logged
 * @param expires to the second
 */
record Session(String secretKey, Principal principal, Instant expires) {
    @Override
    public String toString() {
        return "Session[" + principal.arn() + " until " + expires + "]";
    }
}
