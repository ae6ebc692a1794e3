package dev.haneul.kernel.store;

/** The data folder is in use by another region. The message names the folder and the process and fits on one line. */
public final class StoreHeldException extends StoreException {
    private static final long serialVersionUID = 1L;
    private final long pid;

    public StoreHeldException(String message, long pid) {
        super(message);
        this.pid = pid;
    }

    /** The process that holds it; -1 where it did not tell. */
    public long pid() {
        return pid;
    }
}
