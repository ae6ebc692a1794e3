package dev.haneul.services.ecs.task;

import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsTables.TaskRow;

/** What stands in a task's {@code /etc/hosts} besides itself. */
@FunctionalInterface
public interface HostNames {
    /** Lines, each with its end; empty for none. */
    String of(Scope scope, TaskRow row);
}
