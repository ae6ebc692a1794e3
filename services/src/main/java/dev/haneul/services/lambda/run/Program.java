package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.runtimes.RuntimePlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is started of a container image.
 *
 * @param entryPoint may be empty
 * @param command its arguments, or all of it where there is no entry point
 * @param workingDirectory as seen inside
 * @param environment {@code NAME=value}
 */
public record Program(
        List<String> entryPoint, List<String> command, String workingDirectory, List<String> environment) {
    public Program {
        entryPoint = List.copyOf(entryPoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
    }

    List<String> words() {
        List<String> words = new ArrayList<>(entryPoint);
        words.addAll(command);
        return words;
    }

    /** What a function's handler is called where its image knows that: the first word of the command. */
    public String handler() {
        return command.isEmpty() ? "" : command.getFirst();
    }

    /** How it is started. */
    RuntimePlan plan(List<dev.haneul.engines.WorkloadSpec.Mount> mounts) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String one : environment) {
            int equals = one.indexOf('=');
            if (equals > 0) {
                variables.put(one.substring(0, equals), one.substring(equals + 1));
            }
        }
        return new RuntimePlan(words(), variables, mounts, "image", null);
    }
}
