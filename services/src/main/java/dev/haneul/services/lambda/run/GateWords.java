package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.runtimes.Family;
import java.util.Map;

/** What a standby's bootstrap reads at its gate: the function's variables. */
final class GateWords {
    private GateWords() {}

    /** For a shell a script; for the others each name and each value ends with a NUL, which none can hold. */
    static String of(Family family, Map<String, String> variables) {
        StringBuilder words = new StringBuilder();
        boolean shell = family == Family.PROVIDED;
        variables.forEach((name, value) -> {
            if (shell) {
                words.append("export ")
                        .append(name)
                        .append('=')
                        .append(quoted(value))
                        .append('\n');
            } else {
                words.append(name).append('\0').append(value).append('\0');
            }
        });
        return words.toString();
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
