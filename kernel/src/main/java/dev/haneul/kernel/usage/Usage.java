package dev.haneul.kernel.usage;

/** Where rooms tell what was used. */
@FunctionalInterface
public interface Usage {
    /** For those who do not meter. */
    Usage NONE = (what, quantity) -> {};

    /**
     * What is counted.
     *
     * @see UsageFact
     */
    record What(String account, String region, String service, String usageType, String resource, String unit) {}

    /** Adds to the running hour. Quick, from any thread; up to a minute of it is lost when the process is killed. */
    void add(What what, double quantity);
}
