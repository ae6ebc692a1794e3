package dev.haneul.delivery;

import java.time.Duration;

/**
 * Pauses between attempts in the four phases of SNS's delivery policies: none, the least, growing, the most. Pure. See
 * "Amazon SNS message delivery retries".
 *
 * @param retries of all phases; the growing one has what the others leave
 * @param function how it grows: linear, arithmetic, geometric or exponential
 */
public record Phases(
        int minDelaySeconds,
        int maxDelaySeconds,
        int retries,
        int noDelayRetries,
        int minDelayRetries,
        int maxDelayRetries,
        String function) {
    /** HTTP endpoints': three retries, twenty seconds apart. */
    public static final Phases HTTP = new Phases(20, 20, 3, 0, 0, 0, "linear");

    /** How long to wait before this retry, counted from 1. */
    public Duration pause(int retry) {
        int growing = Math.max(0, retries - noDelayRetries - minDelayRetries - maxDelayRetries);
        int step = retry - noDelayRetries - minDelayRetries;
        if (retry <= noDelayRetries) {
            return Duration.ZERO;
        }
        if (step <= 0) {
            return Duration.ofSeconds(minDelaySeconds);
        }
        if (step > growing) {
            return Duration.ofSeconds(maxDelaySeconds);
        }
        return Duration.ofMillis(Math.round(1000 * (minDelaySeconds + grown(step, growing) * spread())));
    }

    private double spread() {
        return Math.max(0, maxDelaySeconds - minDelaySeconds);
    }

    /** The share of the way from the least to the most, 0 to 1: at 1 with the phase's last retry. */
    private double grown(int step, int of) {
        double share = of == 1 ? 1 : (step - 1) / (double) (of - 1);
        return switch (function) {
            case "arithmetic" -> share * (share + 1) / 2;
            case "geometric" -> share * share;
            case "exponential" -> (Math.pow(2, 10 * share) - 1) / 1023;
            default -> share;
        };
    }
}
