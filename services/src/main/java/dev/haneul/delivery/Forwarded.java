package dev.haneul.delivery;

import dev.haneul.api.runtime.Call;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an event keeps on its way from one bus to another: its id, whose it was, and how far it has come. An event that
 * one bus passed on to another of its region goes no further there, and one that crossed into another region crosses no
 * second time: "EventBridge can't route events received from a sender event bus to a third event bus". So buses that
 * forward to each other end after a step.
 *
 * @param within whether it was passed on within a region before
 * @param across whether it was passed on to another region before
 */
public record Forwarded(String id, String account, String region, boolean within, boolean across) {
    private static final String ID = "haneul-event-id";
    private static final String ACCOUNT = "haneul-event-account";
    private static final String REGION = "haneul-event-region";
    private static final String WITHIN = "haneul-event-hop-within";
    private static final String ACROSS = "haneul-event-hop-across";

    /** Why it cannot be passed on once more; null where it can. */
    @Nullable
    Outcome refusal(boolean crosses) {
        if (crosses && across) {
            return new Outcome.Never(
                    "THIRD_REGION_HOP_DETECTED",
                    "Events received from another Region cannot be forwarded to this event bus.");
        }
        return !crosses && within
                ? new Outcome.Never(
                        "THIRD_ACCOUNT_HOP_DETECTED",
                        "Events received from another event bus cannot be forwarded to this event bus.")
                : null;
    }

    /** After one step more, as a call inside the region carries it: clients cannot say any of this. */
    Call on(Call call, String host, boolean crosses) {
        Map<String, String> told = Map.of(
                ID,
                id,
                ACCOUNT,
                account,
                REGION,
                region,
                WITHIN,
                Boolean.toString(within || !crosses),
                ACROSS,
                Boolean.toString(across || crosses));
        return new Call(
                call.principal(),
                call.account(),
                call.region(),
                call.requestId(),
                call.deadline(),
                new Call.Origin(host, host, true, "", told));
    }

    /** What a call of a bus itself carries; empty for all others. */
    public static Optional<Forwarded> of(Call call, String host) {
        Map<String, String> told = call.origin().headers();
        String id = told.get(ID);
        if (id == null || !call.origin().sourceIp().equals(host)) {
            return Optional.empty();
        }
        return Optional.of(new Forwarded(
                id,
                told.getOrDefault(ACCOUNT, ""),
                told.getOrDefault(REGION, ""),
                Boolean.parseBoolean(told.get(WITHIN)),
                Boolean.parseBoolean(told.get(ACROSS))));
    }
}
