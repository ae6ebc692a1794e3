package dev.haneul.services.ecs.task;

/** A task cannot be started; the message is the reason it is told to have stopped for, e.g. CannotPullContainerError. */
final class CannotStart extends Exception {
    private static final long serialVersionUID = 1L;

    CannotStart(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
