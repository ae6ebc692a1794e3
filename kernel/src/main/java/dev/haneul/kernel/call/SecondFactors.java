package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Principal;

/** Checks one-time codes of MFA devices. Implemented by the room that keeps the devices; asked by who makes sessions. */
@FunctionalInterface
public interface SecondFactors {
    /**
     * Takes a code. One that was taken is of no use again.
     *
     * @param who whose device it must be
     * @param serialNumber the device's serial number or ARN
     * @return whether the code is the device's now
     */
    boolean take(Principal who, String serialNumber, String code);
}
