package dev.haneul.codegen.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.codegen.Json;
import dev.haneul.codegen.model.ModelReader;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** A model's classes beside the compiled hand-written runtime, to be exercised by reflection and by compiled users. */
final class Compiled implements AutoCloseable {
    private static final Path RUNTIME = Path.of("../api/src/main/java/dev/haneul/api/runtime");
    private final Path classes;
    private final URLClassLoader loader;

    private Compiled(Path classes, URLClassLoader loader) {
        this.classes = classes;
        this.loader = loader;
    }

    static Compiled of(String model, Path folder) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        generated(model).forEach((path, bytes) -> {
            try {
                Files.createDirectories(classes.resolve(path).getParent());
                Files.write(classes.resolve(path), bytes);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
        try (Stream<Path> runtime = Files.list(RUNTIME)) {
            assertThat(compile(classes, runtime.toList())).isEmpty();
        }
        return new Compiled(
                classes, new URLClassLoader(new URL[] {classes.toUri().toURL()}, Compiled.class.getClassLoader()));
    }

    static Map<Path, byte[]> generated(String model) throws IOException {
        return Generator.classes(List.of(ModelReader.model(Json.object(Json.parse(model)))));
    }

    /** What the compiler says of a class that uses the generated ones; nothing where it compiled. */
    String compile(String simpleName, String source) throws IOException {
        Path file = Files.writeString(classes.resolveSibling(simpleName + ".java"), source);
        return compile(classes, List.of(file));
    }

    private static String compile(Path classes, List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            String path = classes + File.pathSeparator + System.getProperty("java.class.path");
            List<String> options =
                    List.of("-d", classes.toString(), "-cp", path, "-Xlint:all,-serial,-path", "-Werror", "-proc:none");
            boolean ok = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            return ok ? "" : "failed: " + messages;
        }
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
