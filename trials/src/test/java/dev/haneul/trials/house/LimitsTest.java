package dev.haneul.trials.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of at most 500 lines, functions of at most 70, in everything that ships. */
class LimitsTest {
    private static final int FILE_LINES = 500;
    private static final int FUNCTION_LINES = 70;
    private static final Path HOUSE = Path.of("..").toAbsolutePath().normalize();

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
        assertThat(longFunctions(sources().stream().map(Path::toUri).toList()))
                .as("functions over " + FUNCTION_LINES + " lines")
                .isEmpty();
    }

    @Test
    void theRulerMeasures(@TempDir Path folder) throws IOException {
        String filler = "        a++;\n".repeat(FUNCTION_LINES);
        Path long_ = folder.resolve("Long.java");
        Files.writeString(long_, "class Long {\n    int f(int a) {\n" + filler + "        return a;\n    }\n}\n");
        Path brief = folder.resolve("Brief.java");
        Files.writeString(brief, "class Brief {\n    int f() {\n        return 1;\n    }\n}\n");
        assertThat(longFunctions(List.of(long_.toUri(), brief.toUri()))).hasSize(1);
    }

    /** Methods and constructors whose source, signature to closing brace, has too many lines. */
    private static List<String> longFunctions(List<URI> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> found = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            var units = manager.getJavaFileObjectsFromPaths(
                    files.stream().map(Path::of).toList());
            JavacTask task = (JavacTask) compiler.getTask(null, manager, null, List.of(), null, units);
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new TreeScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void nothing) {
                        if (method.getBody() != null) {
                            LineMap lines = unit.getLineMap();
                            long first = lines.getLineNumber(positions.getStartPosition(unit, method.getBody()));
                            long last = lines.getLineNumber(positions.getEndPosition(unit, method.getBody()));
                            if (last - first + 1 > FUNCTION_LINES) {
                                found.add(unit.getSourceFile().getName() + ":" + first + " " + method.getName()
                                        + " has " + (last - first + 1) + " lines");
                            }
                        }
                        return super.visitMethod(method, nothing);
                    }
                }.scan(unit, null);
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
