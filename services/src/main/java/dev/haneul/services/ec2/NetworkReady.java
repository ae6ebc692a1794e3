package dev.haneul.services.ec2;

import java.util.Optional;

/** Whether the host can carry networks, which is asked before anything of an instance begins. */
@FunctionalInterface
public interface NetworkReady {
    /** Empty where it can; else why it cannot, as a sentence for the user. */
    Optional<String> obstacle();
}
