package dev.haneul.codegen.importer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code import [--models FOLDER] DIR [SERVICE...]}: what {@code ./haneul models import} runs. */
public final class Main {
    private static final String USAGE = """
            usage: import [--models FOLDER] DIR [SERVICE...]
              DIR      a tree of C2J models, such as the data folder of a botocore release
              SERVICE  folders of that tree; without any, every model that is there is refreshed
              FOLDER   where the models are kept (models)""";

    private Main() {}

    /** Exits with 2 where the words make no sense, with 1 and one line where the import fails. */
    public static void main(String[] args) {
        List<String> words = List.of(args);
        if (words.isEmpty() || !words.getFirst().equals("import")) {
            fail(USAGE, 2);
        }
        boolean elsewhere = words.size() > 2 && words.get(1).equals("--models");
        Path models = Path.of(elsewhere ? words.get(2) : "models");
        List<String> rest = words.subList(elsewhere ? 3 : 1, words.size());
        if (rest.isEmpty()) {
            fail(USAGE, 2);
        }
        try {
            Importer importer = new Importer(Path.of(rest.getFirst()), models);
            importer.run(rest.subList(1, rest.size())).forEach(System.out::println);
        } catch (IOException | IllegalArgumentException failure) {
            fail("import failed: " + failure.getMessage(), 1);
        }
    }

    private static void fail(String message, int status) {
        System.err.println(message);
        System.exit(status);
    }
}
