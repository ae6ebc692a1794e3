package dev.haneul.engines;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Says one thing to everybody. */
public record TestDoor(String greeting) {
    public Door named(String variable, int port) {
        return new Door(variable, "%s", port, (connection, traffic) -> {
            try (connection) {
                var bytes = ByteBuffer.wrap(greeting.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    traffic.wrote(connection.write(bytes));
                }
            }
        });
    }
}
