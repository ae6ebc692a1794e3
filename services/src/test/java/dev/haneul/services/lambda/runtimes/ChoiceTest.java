package dev.haneul.services.lambda.runtimes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final Interpreter PYTHON_39 = python("3.9.2");
    private static final Interpreter PYTHON_311 = python("3.11.7");
    private static final Interpreter PYTHON_313 = python("3.13.0");

    @Test
    void theVersionAskedForWinsWithoutAWord() {
        Choice choice = choose("python3.11", PYTHON_39, PYTHON_311, PYTHON_313).orElseThrow();
        assertThat(choice.interpreter()).isEqualTo(PYTHON_311);
        assertThat(choice.substitution()).isNull();
    }

    @Test
    void theNearestNewerOneStandsInAndSaysSo() {
        Choice choice = choose("python3.10", PYTHON_39, PYTHON_313, PYTHON_311).orElseThrow();
        assertThat(choice.interpreter()).isEqualTo(PYTHON_311);
        assertThat(choice.substitution())
                .startsWith("python3.10 is not installed on this host; the function runs on Python 3.11.7.")
                .contains("--exact-runtimes");
    }

    @Test
    void anOlderOneStandsInWhereNoneIsNewerButNotForJava() {
        assertThat(choose("python3.14", PYTHON_39, PYTHON_313).orElseThrow().interpreter())
                .isEqualTo(PYTHON_313);
        Interpreter java17 = interpreter(Family.JAVA, "17.0.1");
        assertThat(choose("java21", java17)).isEmpty();
        assertThat(choose("java11", java17).orElseThrow().interpreter()).isEqualTo(java17);
        assertThat(choose("java8.al2", java17).orElseThrow().interpreter()).isEqualTo(java17);
    }

    @Test
    void aRegionThatInsistsHasNoStandIns() {
        RuntimeName name = RuntimeName.of("python3.12").orElseThrow();
        assertThat(Choice.of(name, List.of(PYTHON_311), true)).isEmpty();
        assertThat(Choice.missing(name, List.of(PYTHON_311)))
                .isEqualTo("The runtime python3.12 cannot run on this host: found only 3.11.7. Install Python 3.12"
                        + " (Debian, Ubuntu: apt-get install python3.12) and try again.");
    }

    @Test
    void languagesThatAreNotBuiltSayWhatToDoInstead() {
        RuntimeName ruby = RuntimeName.of("ruby3.3").orElseThrow();
        assertThat(choose("ruby3.3")).isEmpty();
        assertThat(Choice.missing(ruby, List.of()))
                .contains("does not run Ruby")
                .contains("provided.al2023");
    }

    @Test
    void customRuntimesBringTheirOwn() {
        assertThat(choose("provided.al2023").orElseThrow().interpreter()).isNull();
    }

    @Test
    void namesAreReadAsAwsWritesThem() {
        assertThat(RuntimeName.of("nodejs20.x").orElseThrow().version()).containsExactly(20);
        assertThat(RuntimeName.of("python3.9").orElseThrow().version()).containsExactly(3, 9);
        assertThat(RuntimeName.of("java8.al2").orElseThrow().version()).containsExactly(8);
        assertThat(RuntimeName.of("nodejs12.x").orElseThrow().retired()).isTrue();
        assertThat(RuntimeName.of("cobol85")).isEmpty();
    }

    private static Optional<Choice> choose(String runtime, Interpreter... installed) {
        return Choice.of(RuntimeName.of(runtime).orElseThrow(), List.of(installed), false);
    }

    private static Interpreter python(String version) {
        return interpreter(Family.PYTHON, version);
    }

    private static Interpreter interpreter(Family family, String version) {
        Path home = Path.of("/opt/" + family.prefix() + version);
        return new Interpreter(family, Interpreters.numbers(version), version, home.resolve("bin/it"), home);
    }
}
