package dev.haneul.wire.protocols.smithy;

import dev.haneul.api.runtime.Protocol;

/**
 * One of Smithy's test cases.
 *
 * @param id its id; of parameterised cases with the number of the instance
 * @param check throws where the codec does not do as it says
 */
record Case(Protocol protocol, String id, Check check) {
    interface Check {
        void run() throws Exception;
    }

    /** Null where it passes, else what went wrong. */
    String failure() {
        try {
            check.run();
            return null;
        } catch (Exception | AssertionError | StackOverflowError e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }
}
