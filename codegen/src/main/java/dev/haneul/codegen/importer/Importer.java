package dev.haneul.codegen.importer;

import dev.haneul.codegen.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Imports services from a C2J tree into a folder of model files. */
public final class Importer {
    private final C2jTree tree;
    private final Path models;

    /**
     * An importer.
     *
     * @param c2j a folder of {@code SERVICE/VERSION/service-2.json[.gz]}
     * @param models where {@code ID.json} files go; patches below it are left alone
     */
    public Importer(Path c2j, Path models) {
        this.tree = new C2jTree(c2j);
        this.models = models;
    }

    /** Imports these services (folder names), or refreshes those that have a model already where none is named. */
    public List<String> run(List<String> services) throws IOException {
        List<String> wanted = services.isEmpty() ? present() : services;
        if (wanted.isEmpty()) {
            throw new IOException("no model in " + models + " to refresh: name the services to import");
        }
        Files.createDirectories(models);
        List<String> report = new ArrayList<>();
        for (String service : wanted) {
            report.add(one(service));
        }
        return report;
    }

    private String one(String folder) throws IOException {
        C2jTree.Source source = tree.newest(folder);
        Map<String, @Nullable Object> metadata = Json.object(source.model(), "metadata");
        String endpointPrefix = String.valueOf(metadata.get("endpointPrefix"));
        boolean global = tree.global(endpointPrefix, metadata.containsKey("globalEndpoint"));
        Map<String, @Nullable Object> model = C2jService.convert(source, global);
        String id = ServiceNames.id(folder);
        Files.writeString(models.resolve(id + ".json"), ModelFile.render(model));
        return id + ": " + Json.object(model, "operations").size() + " operations, "
                + Json.object(model, "shapes").size() + " shapes from " + source.origin();
    }

    /** The C2J folders of the services already here. */
    private List<String> present() throws IOException {
        List<String> folders = new ArrayList<>();
        for (String folder : tree.services()) {
            if (Files.exists(models.resolve(ServiceNames.id(folder) + ".json"))) {
                folders.add(folder);
            }
        }
        return folders;
    }
}
