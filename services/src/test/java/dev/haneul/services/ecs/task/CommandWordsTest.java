package dev.haneul.services.ecs.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.engines.LaunchException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandWordsTest {
    @Test
    void wordsAreThoseOfAShell() throws LaunchException {
        assertThat(CommandWords.split("/bin/bash -c 'ls  -l \"x\"'"))
                .isEqualTo(List.of("/bin/bash", "-c", "ls  -l \"x\""));
        assertThat(CommandWords.split("a\\ b \"c \\\" d\" \"e\\f\" ''"))
                .isEqualTo(List.of("a b", "c \" d", "e\\f", ""));
        assertThatThrownBy(() -> CommandWords.split("echo 'a")).isInstanceOf(LaunchException.class);
        assertThatThrownBy(() -> CommandWords.split(" \t")).isInstanceOf(LaunchException.class);
    }
}
