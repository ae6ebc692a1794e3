package dev.haneul.services.ecs.service;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What is wanted of a service, as its plan sees it.
 *
 * @param count how many tasks; for daemons as many as there are places
 * @param minimumPercent how much of the count stays healthy during deployments
 * @param maximumPercent how much of the count runs at most
 * @param breaker whether tasks that fail end a deployment
 * @param alarms whether alarms end a deployment
 * @param firing the alarms among them that are in ALARM
 * @param bake how long a deployment is watched once it is whole; zero for not at all
 * @param zones where tasks may run; empty where that is not chosen here
 * @param rebalance whether tasks are moved where zones are unequal
 * @param balancing whether such a move goes on
 * @param places for daemons: the container instances that may run one
 * @param ending whether the service is being deleted
 * @param steady whether it was told that it is steady
 * @param manner how traffic moves in blue/green deployments
 */
record Desired(
        Kind kind,
        int count,
        int minimumPercent,
        int maximumPercent,
        Guard breaker,
        Guard alarms,
        Set<String> firing,
        Duration bake,
        List<String> zones,
        boolean rebalance,
        boolean balancing,
        List<String> places,
        boolean ending,
        boolean steady,
        ShiftPlan.Manner manner) {
    private static final int LEAST_THRESHOLD = 3;
    private static final int MOST_THRESHOLD = 200;

    /** How tasks are replaced. */
    enum Kind {
        ROLLING,
        DAEMON,
        TASK_SETS,
        SHIFTING
    }

    /** What ends a deployment, and whether the one before comes back then. */
    record Guard(boolean enabled, boolean rollback) {
        static final Guard OFF = new Guard(false, false);
    }

    /** How many must stay healthy: rounded up. */
    int minimum() {
        return (int) ((count * (long) minimumPercent + 99) / 100);
    }

    /** How many may run: rounded down. */
    int maximum() {
        return (int) (count * (long) maximumPercent / 100);
    }

    /** How many failures in a row end a deployment. */
    int threshold() {
        return threshold(count);
    }

    static int threshold(int count) {
        return Math.clamp((count + 1L) / 2, LEAST_THRESHOLD, MOST_THRESHOLD);
    }
}
