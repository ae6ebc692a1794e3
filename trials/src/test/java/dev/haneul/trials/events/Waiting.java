package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;

/** Waits for what comes about soon, with a bound. */
public final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Waiting() {}

    public static void until(BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("it did not come about").isBefore(end);
            Thread.sleep(30);
        }
    }

    static List<String> messages(CloudWatchLogsClient logs, String group) {
        return logs.filterLogEvents(request -> request.logGroupName(group)).events().stream()
                .map(FilteredLogEvent::message)
                .toList();
    }

    /** A group's messages once there are so many. */
    static List<String> messages(CloudWatchLogsClient logs, String group, int count) throws InterruptedException {
        until(() -> messages(logs, group).size() >= count);
        return messages(logs, group);
    }
}
