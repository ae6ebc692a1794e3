package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.InstanceState;

/** The states of an instance, with AWS's codes. */
enum State {
    PENDING(0, "pending"),
    RUNNING(16, "running"),
    SHUTTING_DOWN(32, "shutting-down"),
    TERMINATED(48, "terminated"),
    STOPPING(64, "stopping"),
    STOPPED(80, "stopped");

    private final int code;
    private final String told;

    State(int code, String told) {
        this.code = code;
        this.told = told;
    }

    int code() {
        return code;
    }

    /** As the API writes it. */
    String told() {
        return told;
    }

    InstanceState struct() {
        return new InstanceState().code(code).name(told);
    }
}
