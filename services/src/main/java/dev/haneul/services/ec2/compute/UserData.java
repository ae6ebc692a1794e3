package dev.haneul.services.ec2.compute;

import dev.haneul.services.ec2.Ec2Faults;
import java.util.Base64;

/** User data as requests carry it. */
final class UserData {
    private static final int MOST_BYTES = 16 * 1024;

    private UserData() {}

    /**
     * The bytes of a base64 text.
     *
     * @throws dev.haneul.api.runtime.Fault where it is none, or holds more than 16 KiB
     */
    static byte[] decode(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw Ec2Faults.of("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
        }
        if (!base64.matches("[A-Za-z0-9+/=\\s]*")) {
            throw Ec2Faults.of("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
        }
        if (bytes.length > MOST_BYTES) {
            throw Ec2Faults.invalid("User data is limited to 16384 bytes");
        }
        return bytes;
    }
}
