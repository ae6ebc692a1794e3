package dev.haneul.trials.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files of at most 500 lines, functions of at most 70, in everything that ships. */
class LimitsTest {
    private static final int FILE_LINES = 500;
    private static final int FUNCTION_LINES = 70;
    private static final Path HOUSE = Path.of("..").toAbsolutePath().normalize();

    /** The first line of a method or constructor in a formatted file: four-space class members that open a body. */
    private static final Pattern FUNCTION =
            Pattern.compile("^(?: {4}){1,3}(?!(?:if|for|while|switch|try|else|do|synchronized|return|case|new)\\b)"
                    + "[\\w@<>\\[\\]?,. ]+\\([^;]*$|^(?: {4}){1,3}static \\{$");

    @Test
    void filesTellOneStory() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            long lines = Files.readAllLines(file).size();
            if (lines > FILE_LINES) {
                tooLong.add(HOUSE.relativize(file) + ": " + lines + " lines");
            }
        }
        assertThat(tooLong).as("files over " + FILE_LINES + " lines").isEmpty();
    }

    @Test
    void functionsFitOnAScreen() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            tooLong.addAll(longFunctions(file.getFileName().toString(), Files.readAllLines(file)));
        }
        assertThat(tooLong).as("functions over " + FUNCTION_LINES + " lines").isEmpty();
    }

    @Test
    void theRulerMeasures() {
        List<String> lines = new ArrayList<>(List.of("class A {", "    int long_(int a) {"));
        for (int i = 0; i < FUNCTION_LINES; i++) {
            lines.add("        a++;");
        }
        lines.add("    }");
        lines.add("}");
        assertThat(longFunctions("A.java", lines)).hasSize(1);
        assertThat(longFunctions("A.java", List.of("class A {", "    int f() {", "        return 1;", "    }", "}")))
                .isEmpty();
    }

    /** The formatter indents by four, so a function ends at the brace in its own column. */
    private static List<String> longFunctions(String name, List<String> lines) {
        List<String> found = new ArrayList<>();
        for (int start = 0; start < lines.size(); start++) {
            String line = lines.get(start);
            if (!FUNCTION.matcher(line).find()) {
                continue;
            }
            String indent =
                    line.substring(0, line.length() - line.stripLeading().length());
            int body = start;
            while (body < lines.size()
                    && !lines.get(body).endsWith("{")
                    && !lines.get(body).endsWith(";")) {
                body++;
            }
            if (body >= lines.size() || lines.get(body).endsWith(";")) {
                continue;
            }
            int close = body;
            while (close < lines.size() && !lines.get(close).equals(indent + "}")) {
                close++;
            }
            if (close - start + 1 > FUNCTION_LINES) {
                found.add(name + ":" + (start + 1) + " " + (close - start + 1) + " lines");
            }
        }
        return found;
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(HOUSE, 14)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(50);
            return sources;
        }
    }
}
