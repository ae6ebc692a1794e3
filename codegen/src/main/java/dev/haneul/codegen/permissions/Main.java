package dev.haneul.codegen.permissions;

import dev.haneul.codegen.Json;
import dev.haneul.codegen.model.ModelReader;
import dev.haneul.codegen.model.ServiceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** {@code import FACTS MODELS TABLES [SERVICE...]}: what {@code ./haneul permissions import} runs. */
public final class Main {
    private static final String USAGE = """
            usage: import FACTS MODELS TABLES [SERVICE...]
              FACTS    the service authorization reference's facts, as JSON
              MODELS   the folder of the models
              TABLES   where tables are kept; one that is there is left alone
              SERVICE  ids of models; without any, every model that has no table""";

    private Main() {}

    /** Exits with 2 where the words make no sense, with 1 and one line where the import fails. */
    public static void main(String[] args) {
        List<String> words = List.of(args);
        if (words.size() < 4 || !words.getFirst().equals("import")) {
            fail(USAGE, 2);
        }
        try {
            draft(Path.of(words.get(1)), Path.of(words.get(2)), Path.of(words.get(3)), words.subList(4, words.size()));
        } catch (IOException | IllegalArgumentException failure) {
            fail("import failed: " + failure.getMessage(), 1);
        }
    }

    private static void draft(Path facts, Path models, Path tables, List<String> wanted) throws IOException {
        Reference reference = new Reference(Json.object(Json.read(facts)));
        for (String id : wanted.isEmpty() ? ids(models) : wanted) {
            Path table = tables.resolve(id + ".txt");
            if (Files.exists(table)) {
                continue;
            }
            ServiceModel model = ModelReader.read(models.resolve(id + ".json"));
            Files.writeString(table, new TableDraft(model, reference).render());
            System.out.println(id + ": " + model.operations().size() + " operations drafted");
        }
    }

    private static List<String> ids(Path models) throws IOException {
        try (Stream<Path> files = Files.list(models)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .sorted()
                    .toList();
        }
    }

    private static void fail(String message, int status) {
        System.err.println(message);
        System.exit(status);
    }
}
