package dev.haneul.api.generated;

import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.ServiceShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Every service that has a model, found by the model files so that no test need list them. */
record Services(String id, String prefix) {
    private static final Pattern FACT = Pattern.compile("^\"(id|prefix)\":\"(\\w+)\",$", Pattern.MULTILINE);

    static List<Services> all() {
        try (Stream<Path> files = Files.list(Path.of("../models"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(Services::of)
                    .toList();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static Services of(Path model) {
        try {
            Matcher fact = FACT.matcher(Files.readString(model));
            if (fact.find()) {
                String id = fact.group(2);
                if (fact.find()) {
                    return new Services(id, fact.group(2));
                }
            }
            throw new AssertionError(model + " has no id and prefix");
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    Class<?> type(String suffix) throws ClassNotFoundException {
        return Class.forName("dev.haneul.api." + id + "." + prefix + suffix);
    }

    ServiceShape shape() {
        try {
            return (ServiceShape) type("Model").getField("SHAPE").get(null);
        } catch (ReflectiveOperationException failure) {
            throw new AssertionError(failure);
        }
    }

    int size() {
        try {
            return type("Shapes").getField("SIZE").getInt(null);
        } catch (ReflectiveOperationException failure) {
            throw new AssertionError(failure);
        }
    }

    Api client(Caller caller) {
        try {
            return (Api) type("Client").getConstructor(Caller.class).newInstance(caller);
        } catch (ReflectiveOperationException failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public String toString() {
        return id;
    }
}
