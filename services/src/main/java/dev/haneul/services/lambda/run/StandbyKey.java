package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.runtimes.Family;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import java.util.List;
import java.util.Optional;

/**
 * What a function's environment has to have from its very start, so that one booted ahead of time may become it.
 *
 * @param memoryMib where the runtime divides its memory when it starts; 0 where it does not
 * @param ephemeralMib the size of {@code /tmp}
 * @param network where its network leads
 */
record StandbyKey(RuntimeName runtime, int memoryMib, int ephemeralMib, Networks.Network network) {
    /** Variables that change how an interpreter or its libraries start: whoever sets one gets a start of his own. */
    private static final List<String> READ_AT_START = List.of(
            "LD_",
            "LC_",
            "LANG",
            "TZ",
            "PATH",
            "MALLOC_",
            "GLIBC_",
            "OPENSSL_",
            "SSL_",
            "PYTHON",
            "NODE_",
            "UV_",
            "JAVA_",
            "_JAVA",
            "JDK_",
            "AWS_LAMBDA_EXEC_WRAPPER",
            "AWS_ENDPOINT_URL",
            "HANEUL_");

    /** The key of a function; empty where its variables change how its runtime starts. */
    static Optional<StandbyKey> of(Target target) {
        boolean own = target.variables().keySet().stream()
                .anyMatch(name -> READ_AT_START.stream().anyMatch(name::startsWith));
        if (own) {
            return Optional.empty();
        }
        boolean divides =
                target.runtime().family() == Family.NODE || target.runtime().family() == Family.JAVA;
        return Optional.of(new StandbyKey(
                target.runtime(), divides ? target.memoryMib() : 0, target.ephemeralMib(), target.network()));
    }
}
