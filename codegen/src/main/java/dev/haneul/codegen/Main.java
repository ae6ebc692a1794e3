package dev.haneul.codegen;

import dev.haneul.codegen.generator.Generator;
import dev.haneul.codegen.importer.Importer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line: {@code import} fills {@code models/}, {@code generate} turns it into sources. */
public final class Main {
    private static final String USAGE = """
            usage: import [--models MODELS] DIR [SERVICE...]
                       read C2J models below DIR into the folder MODELS (models);
                       without a SERVICE, refresh every model that is there
                   generate MODELS OUT
                       write the Java sources of every model in MODELS to OUT
            """;

    private Main() {}

    /** Runs one command; throws where there is none or where it fails. */
    public static void main(String[] args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        String command = words.isEmpty() ? "" : words.removeFirst();
        Path models = Path.of("models");
        if (words.size() >= 2 && words.getFirst().equals("--models")) {
            models = Path.of(words.get(1));
            words = words.subList(2, words.size());
        }
        if (command.equals("import") && !words.isEmpty()) {
            Importer importer = new Importer(Path.of(words.getFirst()), models);
            importer.run(words.subList(1, words.size())).forEach(System.out::println);
        } else if (command.equals("generate") && words.size() == 2) {
            new Generator(Path.of(words.get(0)), Path.of(words.get(1))).run();
        } else {
            throw new IllegalArgumentException(USAGE);
        }
    }
}
