package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ModelReader;
import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.model.ShapeModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes the sources of every model in a folder. Does nothing where neither models nor generator have changed since the
 * last run; leaves unchanged files untouched, so that the compiler sees only what is new; removes what is no longer
 * generated.
 */
public final class Generator {
    private final Path models;
    private final Path out;

    /** Generates from the {@code *.json} files of {@code models} into the source root {@code out}. */
    public Generator(Path models, Path out) {
        this.models = models;
        this.out = out;
    }

    /** Runs; answers whether anything was written. */
    public boolean run() throws IOException {
        Path stamp = out.resolveSibling(out.getFileName() + ".stamp");
        String inputs = Inputs.digest(models);
        if (Files.exists(stamp) && Files.readString(stamp).equals(inputs) && Files.isDirectory(out)) {
            return false;
        }
        Files.deleteIfExists(stamp);
        List<ServiceModel> services = new ArrayList<>();
        for (Path model : modelFiles()) {
            services.add(ModelReader.read(model));
        }
        Map<Path, String> files = new LinkedHashMap<>();
        sources(services).forEach((path, text) -> files.put(out.resolve(path), text));
        write(files);
        Files.writeString(stamp, inputs);
        return true;
    }

    /** The sources of these services and of the catalog that lists them, by path below the source root. */
    public static Map<Path, String> sources(List<ServiceModel> models) {
        Map<Path, String> files = new LinkedHashMap<>();
        List<ServicePackage> services = new ArrayList<>();
        for (ServiceModel model : models) {
            ServicePackage service = new ServicePackage(model);
            services.add(service);
            sources(service, files);
        }
        Path folder = Path.of(CatalogWriter.PACKAGE.replace('.', '/'));
        files.put(folder.resolve(CatalogWriter.NAME + ".java"), new CatalogWriter(services).write());
        String story = "The services of the models, generated: the catalog lists them, each has a package of its own.";
        files.put(folder.resolve("package-info.java"), packageInfo(CatalogWriter.PACKAGE, story));
        return files;
    }

    private static void sources(ServicePackage service, Map<Path, String> files) {
        Path folder = Path.of(service.name().replace('.', '/'));
        StructWriter structs = new StructWriter(service);
        EnumWriter enums = new EnumWriter(service);
        for (ShapeModel shape : service.model().shapes()) {
            if (shape.isStructure()) {
                files.put(folder.resolve(service.className(shape.name()) + ".java"), structs.write(shape));
            } else if (shape.isEnum()) {
                files.put(folder.resolve(service.className(shape.name()) + ".java"), enums.write(shape));
            }
        }
        ApiWriter api = new ApiWriter(service);
        ServiceWriter facts = new ServiceWriter(service);
        files.put(folder.resolve(service.table() + ".java"), new ShapesWriter(service).write());
        files.put(folder.resolve(service.service() + ".java"), facts.model());
        files.put(folder.resolve(service.operations() + ".java"), facts.operations());
        files.put(folder.resolve(service.api() + ".java"), api.api());
        files.put(folder.resolve(service.invoke() + ".java"), api.invoke());
        files.put(folder.resolve(service.client() + ".java"), api.client());
        ServiceModel.Facts named = service.model().facts();
        String story = named.sdkId() + " (" + named.apiVersion() + "), generated from its model.";
        files.put(folder.resolve("package-info.java"), packageInfo(service.name(), story));
    }

    private static String packageInfo(String name, String story) {
        return "/** " + story + " */\n@NullMarked\npackage " + name + ";\n\n"
                + "import org.jspecify.annotations.NullMarked;\n";
    }

    private List<Path> modelFiles() throws IOException {
        try (Stream<Path> files = Files.list(models)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private void write(Map<Path, String> files) throws IOException {
        Files.createDirectories(out);
        for (Path old : existing()) {
            if (!files.containsKey(old)) {
                Files.delete(old);
            }
        }
        for (Map.Entry<Path, String> file : files.entrySet()) {
            Path path = file.getKey();
            if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.getValue());
            }
        }
    }

    private List<Path> existing() throws IOException {
        try (Stream<Path> tree = Files.walk(out)) {
            return new ArrayList<>(tree.filter(Files::isRegularFile).toList());
        }
    }
}
