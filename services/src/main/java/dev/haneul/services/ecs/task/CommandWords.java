package dev.haneul.services.ecs.task;

import dev.haneul.engines.LaunchException;
import java.util.ArrayList;
import java.util.List;

/** Cuts a command into its words as a shell would, without anything else that a shell does. */
final class CommandWords {
    private CommandWords() {}

    /**
     * The words; quotes hold them together, a backslash takes the next character as it is.
     *
     * @throws LaunchException where a quote does not end, or there is no word
     */
    static List<String> split(String command) throws LaunchException {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < command.length(); i++) {
            char c = command.charAt(i);
            boolean escapes = c == '\\' && quote != '\'' && i + 1 < command.length();
            if (escapes && (quote == 0 || "\"\\$`".indexOf(command.charAt(i + 1)) >= 0)) {
                word.append(command.charAt(++i));
                begun = true;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                begun = true;
            } else if (Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (quote != 0) {
            throw new LaunchException("EOF found when expecting closing quote");
        }
        if (begun) {
            words.add(word.toString());
        }
        if (words.isEmpty()) {
            throw new LaunchException("there is no command");
        }
        return words;
    }
}
