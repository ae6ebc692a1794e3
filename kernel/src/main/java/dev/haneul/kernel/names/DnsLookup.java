package dev.haneul.kernel.names;

import java.util.List;

/** Looks names up as the world would. */
@FunctionalInterface
public interface DnsLookup {
    /** For regions that keep no zones: nothing is ever found. */
    DnsLookup NONE = (name, type) -> List.of();

    /**
     * The values of a record set.
     *
     * @param name in lower case, without the dot at the end
     * @param type e.g. {@code CNAME}
     * @return as they stand in the zone, names without the dot at the end; empty where there are none
     */
    List<String> find(String name, String type);
}
