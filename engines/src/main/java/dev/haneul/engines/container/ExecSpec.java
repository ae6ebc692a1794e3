package dev.haneul.engines.container;

import java.util.List;
import java.util.Map;

/**
 * One more program in a container.
 *
 * @param command program and arguments
 * @param environment what differs from the container's own
 * @param user as in {@link ContainerSpec.Process}; empty for the container's own
 * @param tty whether it gets a terminal: there is no standard error then
 * @param rows of the terminal
 * @param columns of the terminal
 */
public record ExecSpec(
        List<String> command, Map<String, String> environment, String user, boolean tty, int rows, int columns) {
    public ExecSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /** A program without a terminal. */
    public static ExecSpec of(String... command) {
        return new ExecSpec(List.of(command), Map.of(), "", false, 0, 0);
    }

    /** A program with a terminal. */
    public static ExecSpec terminal(int rows, int columns, String... command) {
        return new ExecSpec(List.of(command), Map.of(), "", true, rows, columns);
    }
}
