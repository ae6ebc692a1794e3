package dev.haneul.services.ecs.service;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.task.Tasks;
import java.util.Map;

/** What the story of services stands on. */
public final class Services {
    private final EcsRoom room;
    private final Tasks tasks;

    /** Services over the room's tasks. */
    public Services(EcsRoom room, Tasks tasks) {
        this.room = room;
        this.tasks = tasks;
    }

    EcsRoom room() {
        return room;
    }

    Tasks tasks() {
        return tasks;
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {}

    /** How many active services a cluster has. */
    public int active(ReadTx tx, Scope scope, String cluster) {
        return 0;
    }

    /** A cluster's statistics of services by name, e.g. activeFargateServiceCount; those it does not tell are zero. */
    public Map<String, Integer> statistics(ReadTx tx, Scope scope, String cluster) {
        return Map.of();
    }

    /** Whether there is a service, task set or the like of this ARN, which can carry tags. */
    public boolean exists(ReadTx tx, Scope scope, Arn arn) {
        return false;
    }
}
