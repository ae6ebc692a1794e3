package dev.haneul.runtime;

/** A document that is not plain: AWS's serializer reads or writes it. */
final class OtherwiseException extends Exception {
    private static final long serialVersionUID = 1;

    OtherwiseException() {
        super("not plain", null, false, false);
    }
}
