package dev.haneul.fabric.vpc;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names that resolve inside networks and are not of the plan: a room that gives names to things (load balancers, service
 * discovery, hosted zones) hands one to {@link VpcFabric#resolve}. It is asked at every question, on any thread, and
 * answers from what it knows by then, at once.
 */
@FunctionalInterface
public interface NameSource {
    /**
     * What is known of a name, of whatever type of record was asked for: the resolver picks, follows {@code CNAME} and
     * {@code ALIAS}, and asks elsewhere only for names no source has.
     *
     * @param vpcId in which network it was asked; null for a sandbox that is in none and sees public names only
     * @param name in lower case, without a final dot
     * @return empty where the name is none of this source's
     */
    Optional<Answer> find(@Nullable String vpcId, String name);

    /**
     * What a name stands for. Of several sources that know a name, the longest zone answers, and of the same zone the one
     * where the name is.
     *
     * @param zone the name itself, or one above it below which this source alone decides: {@code example.com}
     * @param exists whether there is such a name; NXDOMAIN otherwise. With records of other types than asked, or none at
     *     all, the answer is empty
     */
    record Answer(String zone, boolean exists, List<Entry> entries) {
        public Answer {
            entries = List.copyOf(entries);
        }

        /** A name that stands for addresses, of either family, for a minute. */
        public static Answer ofAddresses(String name, List<String> addresses) {
            return new Answer(name, true, addresses.stream().map(Entry::address).toList());
        }

        /** A name that is not in a zone. */
        public static Answer noSuchName(String zone) {
            return new Answer(zone, false, List.of());
        }
    }

    /**
     * A record of a name.
     *
     * @param type as in a zone file: {@code A}, {@code SRV}, {@code TXT} …; or {@link #ALIAS}
     * @param ttlSeconds how long it may be kept
     * @param data as in a zone file: {@code 10.0.0.1}, {@code 1 1 80 host.example.com}, {@code "quoted text"}. Names
     *     in it are whole, with or without their final dot. What cannot be read as such is left out of answers
     */
    record Entry(String type, int ttlSeconds, String data) {
        /** The addresses of another name, told as the name's own. */
        public static final String ALIAS = "ALIAS";

        private static final int ADDRESS_SECONDS = 60;

        static Entry address(String text) {
            return new Entry(text.indexOf(':') < 0 ? "A" : "AAAA", ADDRESS_SECONDS, text);
        }
    }
}
