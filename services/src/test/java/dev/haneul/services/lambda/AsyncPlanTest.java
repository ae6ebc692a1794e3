package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.LambdaTables.Event;
import dev.haneul.services.lambda.LambdaTables.InvokeConfig;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AsyncPlanTest {
    private static final Instant ACCEPTED = Instant.parse("2026-11-23T12:00:00Z");
    private static final InvokeConfig DEFAULT = new InvokeConfig(null, null, ACCEPTED);

    @Test
    void aFunctionsErrorsAreRetriedAfterOneAndThenTwoMinutes() {
        Event first = again(AsyncPlan.afterError(event(0, 0), DEFAULT, ACCEPTED));
        assertThat(first.dueAt()).isEqualTo(ACCEPTED.plusSeconds(60));
        Event second = again(AsyncPlan.afterError(first, DEFAULT, first.dueAt()));
        assertThat(second.dueAt()).isEqualTo(first.dueAt().plusSeconds(120));
        assertThat(AsyncPlan.afterError(second, DEFAULT, second.dueAt())).isInstanceOf(AsyncPlan.GiveUp.class);
    }

    @Test
    void fewerRetriesWhereTheFunctionSaysSo() {
        InvokeConfig none = new InvokeConfig(0, null, ACCEPTED);
        assertThat(AsyncPlan.afterError(event(0, 0), none, ACCEPTED)).isInstanceOf(AsyncPlan.GiveUp.class);
    }

    @Test
    void throttlesArePutOffForLongerAndLongerUpToFiveMinutesAndSixHours() {
        Event event = event(0, 0);
        Instant now = ACCEPTED;
        int attempts = 0;
        Duration longest = Duration.ZERO;
        while (AsyncPlan.afterThrottle(event, DEFAULT, now) instanceof AsyncPlan.Again(Event next)) {
            longest = Duration.between(now, next.dueAt());
            now = next.dueAt();
            event = next;
            attempts++;
        }
        assertThat(longest).isEqualTo(Duration.ofMinutes(5));
        assertThat(attempts).isBetween(75, 90);
        assertThat(now).isBefore(ACCEPTED.plus(Duration.ofHours(6)));
    }

    @Test
    void anEventThatIsTooOldIsGivenUp() {
        InvokeConfig minute = new InvokeConfig(null, 60, ACCEPTED);
        assertThat(AsyncPlan.expired(event(0, 0), minute, ACCEPTED.plusSeconds(60)))
                .isFalse();
        assertThat(AsyncPlan.expired(event(0, 0), minute, ACCEPTED.plusSeconds(61)))
                .isTrue();
        assertThat(AsyncPlan.afterError(event(0, 0), minute, ACCEPTED.plusSeconds(1)))
                .isInstanceOf(AsyncPlan.GiveUp.class);
    }

    @Test
    void eventsSortByTheMomentTheyAreDue() {
        String early = LambdaTables.eventId("f", ACCEPTED, "z");
        String late = LambdaTables.eventId("f", ACCEPTED.plusMillis(1), "a");
        assertThat(early).isLessThan(late);
    }

    private static Event again(AsyncPlan plan) {
        return ((AsyncPlan.Again) plan).event();
    }

    private static Event event(int failures, int throttles) {
        return new Event("f", "", "id", null, null, "Root=1", ACCEPTED, ACCEPTED, failures, throttles, null);
    }
}
