package dev.haneul.services.ssm;

import java.util.List;

/** Parameters AWS publishes under {@code /aws/service/}: images, regions, services. Read by everyone, written by none. */
@FunctionalInterface
public interface PublicParameters {
    /** A published value, of type String. */
    record Published(String name, String value) {}

    /** Those whose names begin so, in order of name; a whole name finds itself. */
    List<Published> beginning(String prefix, String region);

    /** None. */
    static PublicParameters none() {
        return (prefix, region) -> List.of();
    }
}
