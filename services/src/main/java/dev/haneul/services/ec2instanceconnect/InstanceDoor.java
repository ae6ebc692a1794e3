package dev.haneul.services.ec2instanceconnect;

import dev.haneul.api.runtime.Call;
import java.io.IOException;
import java.time.Duration;

/** The way into an instance, known to whoever runs it. */
@FunctionalInterface
public interface InstanceDoor {
    /**
     * Lets a user of an instance that runs log in with a key for a while.
     *
     * @param key an OpenSSH public key, one line
     * @throws IOException with the reason where the instance refused
     */
    void open(Call call, String instance, String user, String key, Duration life)
            throws IOException, InterruptedException;
}
