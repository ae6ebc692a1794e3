package dev.haneul.delivery;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long to try.
 *
 * @param maxAge counted from when the parcel was put in
 * @param maxRetries attempts after the first
 * @param letter what becomes of a parcel nobody took; null: it is dropped with a line in the log
 * @param phases how long to wait between attempts; null: twice as long each time, up to ten minutes
 */
public record DeliveryPolicy(
        Duration maxAge,
        int maxRetries,
        @Nullable DeadLetter letter,
        @Nullable Phases phases) {
    /** With pauses that double. */
    public DeliveryPolicy(Duration maxAge, int maxRetries, @Nullable DeadLetter letter) {
        this(maxAge, maxRetries, letter, null);
    }

    /** EventBridge's: 24 hours and 185 retries. */
    public static final DeliveryPolicy DAY = new DeliveryPolicy(Duration.ofHours(24), 185, null);

    /** The same with a dead letter. */
    public DeliveryPolicy with(@Nullable DeadLetter other) {
        return new DeliveryPolicy(maxAge, maxRetries, other, phases);
    }

    /**
     * A message about a parcel nobody took.
     *
     * @param queue its ARN
     * @param body what the message holds
     * @param sender in whose name it is sent
     * @param attributes beside those that tell of the error: ERROR_CODE, ERROR_MESSAGE, RETRY_ATTEMPTS,
     *     EXHAUSTED_RETRY_CONDITION
     */
    public record DeadLetter(String queue, String body, Sender sender, Map<String, String> attributes) {
        public DeadLetter {
            attributes = Map.copyOf(attributes);
        }
    }
}
