package dev.haneul.wire.gateway;

import java.nio.file.Path;
import java.util.List;

/**
 * How the front door stands.
 *
 * @param bindAddress an IP address or host name of this machine
 * @param port 0 for any free one
 * @param tlsFolder where the certificate authority and the server's certificate are kept, made where missing
 * @param tlsNames further DNS names (wildcards allowed) the certificate is good for, besides the bind address
 * @param limits bounds
 * @param origins whose web pages may call the services
 */
public record GatewaySettings(
        String bindAddress, int port, Path tlsFolder, List<String> tlsNames, Limits limits, Origins origins) {
    public GatewaySettings {
        tlsNames = List.copyOf(tlsNames);
    }

    /** With the default limits and no further names. */
    public GatewaySettings(String bindAddress, int port, Path tlsFolder, Origins origins) {
        this(bindAddress, port, tlsFolder, List.of(), Limits.DEFAULT, origins);
    }

    /** Where web pages come from that a browser lets call the services. */
    public enum Origins {
        /** Anywhere: the keys are secret. */
        ANY,
        /** This machine, because everyone knows the keys. */
        LOCAL
    }

    /**
     * Bounds of the front door.
     *
     * @param connections open at once
     * @param requests served at once; others wait a while, then get 503
     * @param waitMillis how long a request waits for its turn, or for memory
     * @param bufferedBytes of all bodies together that are held as a whole before their signature can be checked
     * @param headerBytes of a request line and its headers; the object store's own bound is AWS's 8 KiB
     * @param idleMillis how long a connection may be silent while it is the client's turn
     * @param deadlineMillis until an operation's caller is taken to have stopped waiting
     * @param stopMillis how long stopping waits for requests under way
     */
    public record Limits(
            int connections,
            int requests,
            long waitMillis,
            long bufferedBytes,
            int headerBytes,
            long idleMillis,
            long deadlineMillis,
            long stopMillis) {
        // A little above Lambda's 900 s, the longest that an operation takes.
        private static final long DEADLINE_MILLIS = 960_000;

        public static final Limits DEFAULT =
                new Limits(10_000, 2_000, 10_000, 192L << 20, 64 << 10, 60_000, DEADLINE_MILLIS, 5_000);
    }
}
