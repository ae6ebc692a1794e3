package dev.haneul.services.scheduler;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.scheduler.ConflictException;
import dev.haneul.api.scheduler.ResourceNotFoundException;
import dev.haneul.api.scheduler.ServiceQuotaExceededException;
import dev.haneul.api.scheduler.ValidationException;

/** The errors of Scheduler. */
final class SchedulerFaults {
    private SchedulerFaults() {}

    static Fault validation(String message) {
        return Fault.of(new ValidationException(), message);
    }

    static Fault noSchedule(String name) {
        return Fault.of(new ResourceNotFoundException(), "Schedule " + name + " does not exist.");
    }

    static Fault noGroup(String name) {
        return Fault.of(new ResourceNotFoundException(), "Schedule group " + name + " does not exist.");
    }

    static Fault conflict(String message) {
        return Fault.of(new ConflictException(), message);
    }

    static Fault quota(String message) {
        return Fault.of(new ServiceQuotaExceededException(), message);
    }

    static Fault badToken() {
        return validation("Invalid NextToken.");
    }
}
