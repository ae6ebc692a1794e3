package dev.haneul.codegen.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.codegen.Json;
import dev.haneul.codegen.model.ModelReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** A model generated and compiled together with the hand-written runtime, to be exercised by reflection. */
final class Compiled implements AutoCloseable {
    private static final Path RUNTIME = Path.of("../api/src/main/java/dev/haneul/api/runtime");
    private final URLClassLoader loader;

    private Compiled(URLClassLoader loader) {
        this.loader = loader;
    }

    static Compiled of(String model, Path folder) throws IOException {
        Path sources = folder.resolve("sources");
        List<Path> files = new ArrayList<>();
        Generator.sources(List.of(ModelReader.model(Json.object(Json.parse(model)))))
                .forEach((path, text) -> {
                    try {
                        Files.createDirectories(sources.resolve(path).getParent());
                        files.add(Files.writeString(sources.resolve(path), text));
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                });
        try (Stream<Path> runtime = Files.list(RUNTIME)) {
            files.addAll(runtime.toList());
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-d", classes.toString(), "-Xlint:all,-serial", "-Werror", "-proc:none");
            boolean ok = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            assertThat(ok).as(messages.toString()).isTrue();
        }
        return new Compiled(new URLClassLoader(new URL[] {classes.toUri().toURL()}, Compiled.class.getClassLoader()));
    }

    Class<?> type(String name) throws ClassNotFoundException {
        return loader.loadClass(name);
    }

    /** A new object of a generated class. */
    Object create(String name, Object... arguments) throws ReflectiveOperationException {
        return type(name).getConstructors()[0].newInstance(arguments);
    }

    /** The value of a public static field. */
    Object constant(String type, String field) throws ReflectiveOperationException {
        return type(type).getField(field).get(null);
    }

    /** Calls the public method of that name and number of arguments; what it throws comes through. */
    static @Nullable Object call(Object target, String method, @Nullable Object... arguments) throws Exception {
        for (java.lang.reflect.Method candidate : target.getClass().getMethods()) {
            if (candidate.getName().equals(method)
                    && candidate.getParameterCount() == arguments.length
                    && !candidate.isBridge()) {
                try {
                    candidate.setAccessible(true);
                    return candidate.invoke(target, arguments);
                } catch (InvocationTargetException thrown) {
                    if (thrown.getCause() instanceof Exception cause) {
                        throw cause;
                    }
                    throw thrown;
                }
            }
        }
        throw new AssertionError(target.getClass() + " has no method " + method);
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
