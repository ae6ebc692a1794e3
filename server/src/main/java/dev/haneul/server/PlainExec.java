package dev.haneul.server;

import dev.haneul.services.ecs.task.TaskWork;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** Commands in containers for those without the session plugin: no terminal, no input, all output at the end. */
final class PlainExec {
    private PlainExec() {}

    /** What the launcher sends: task, container, program and arguments. */
    static String words(List<String> words) {
        return words.stream()
                .map(each ->
                        Base64.getUrlEncoder().withoutPadding().encodeToString(each.getBytes(StandardCharsets.UTF_8)))
                .collect(Collectors.joining("."));
    }

    /** The exit code on the first line (255 where there is none), then what was printed. */
    static String run(TaskWork tasks, String sent) {
        List<String> words;
        try {
            words = Arrays.stream(sent.split("\\."))
                    .map(each -> new String(Base64.getUrlDecoder().decode(each), StandardCharsets.UTF_8))
                    .toList();
        } catch (IllegalArgumentException e) {
            return "255\nThese are no words.\n";
        }
        if (words.size() < 3) {
            return "255\nA task, a container and a command are needed.\n";
        }
        try {
            TaskWork.Printed printed = tasks.exec(words.get(0), words.get(1), words.subList(2, words.size()));
            return printed.code() + "\n" + printed.text();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "255\nThe region stops.\n";
        }
    }
}
