package dev.haneul.codegen.generator;

import dev.haneul.codegen.model.ModelReader;
import dev.haneul.codegen.model.ServiceModel;
import dev.haneul.codegen.model.ShapeModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes the class files of every model in a folder. Does nothing where neither models nor generator have changed since
 * the last run and all is still there; leaves unchanged files untouched; removes what is no longer generated, and
 * nothing else: the folder is the compiler's too.
 */
public final class Generator {
    private final Path models;
    private final Path out;
    private final Path stamp;

    /**
     * Generates from the {@code *.json} files of {@code models} into the class folder {@code out}.
     *
     * @param stamp the file that remembers what the last run was made of, and each file it left
     */
    public Generator(Path models, Path out, Path stamp) {
        this.models = models;
        this.out = out;
        this.stamp = stamp;
    }

    /** Runs; answers whether anything was written. */
    public boolean run() throws IOException {
        List<String> last = Files.exists(stamp) ? Files.readAllLines(stamp) : List.of("");
        String inputs = Inputs.digest(models);
        List<String> left = last.subList(1, last.size());
        if (last.getFirst().equals(inputs) && left.stream().allMatch(file -> Files.exists(out.resolve(file)))) {
            return false;
        }
        List<ServiceModel> services = new ArrayList<>();
        for (Path model : modelFiles()) {
            services.add(ModelReader.read(model));
        }
        Map<Path, byte[]> files = classes(services);
        remember("unfinished", left, files.keySet());
        write(left, files);
        remember(inputs, List.of(), files.keySet());
        return true;
    }

    /** The classes of these services and the catalog that lists them, by path below the root of the class path. */
    public static Map<Path, byte[]> classes(List<ServiceModel> models) {
        List<ServicePackage> services = models.stream().map(ServicePackage::new).toList();
        Map<Path, byte[]> files = new LinkedHashMap<>();
        services.parallelStream().map(Generator::classes).toList().forEach(classes -> files.putAll(classes.files()));
        Classes catalog = new Classes();
        new CatalogWriter(services).write(catalog);
        catalog.addPackage(CatalogWriter.PACKAGE);
        files.putAll(catalog.files());
        return files;
    }

    private static Classes classes(ServicePackage service) {
        Classes classes = new Classes();
        StructWriter structs = new StructWriter(service);
        EnumWriter enums = new EnumWriter(service);
        for (ShapeModel shape : service.model().shapes()) {
            if (shape.isStructure()) {
                structs.write(shape, classes);
            } else if (shape.isEnum()) {
                enums.write(shape, classes);
            }
        }
        ApiWriter api = new ApiWriter(service);
        ServiceWriter facts = new ServiceWriter(service);
        new ShapesWriter(service).write(classes);
        facts.model(classes);
        facts.operations(classes);
        api.api(classes);
        api.invoke(classes);
        api.client(classes);
        classes.addPackage(service.name());
        return classes;
    }

    private List<Path> modelFiles() throws IOException {
        try (Stream<Path> files = Files.list(models)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    /** Before a run all that may be there after it, so that a run that was cut off leaves nothing unknown. */
    private void remember(String inputs, List<String> before, Set<Path> after) throws IOException {
        Set<String> all = new HashSet<>(before);
        after.forEach(file -> all.add(file.toString()));
        List<String> lines = new ArrayList<>(List.of(inputs));
        all.stream().sorted().forEach(lines::add);
        Files.createDirectories(stamp.toAbsolutePath().getParent());
        Files.write(stamp, lines);
    }

    private void write(List<String> left, Map<Path, byte[]> files) throws IOException {
        for (String old : left) {
            if (!files.containsKey(Path.of(old))) {
                Files.deleteIfExists(out.resolve(old));
            }
        }
        Path folder = null;
        for (Map.Entry<Path, byte[]> file : files.entrySet()) {
            Path path = out.resolve(file.getKey());
            Path parent = Objects.requireNonNull(path.getParent());
            if (!parent.equals(folder)) {
                folder = Files.createDirectories(parent);
            }
            if (!Files.exists(path) || !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
                Files.write(path, file.getValue());
            }
        }
    }
}
