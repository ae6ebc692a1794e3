package dev.haneul.api.runtime;

/** Somebody who carries an operation to the service that runs it: the Dispatcher, or a test's stand-in. */
@FunctionalInterface
public interface Caller {
    /** Calls; the fault of the called service comes through unchanged. */
    Struct call(OperationShape operation, Struct input, Call call);
}
