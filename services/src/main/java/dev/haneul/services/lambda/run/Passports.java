package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.run.Passport.Holder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** The folder of the environments' {@link Passport}s, one for each workload that belongs to a function. */
public final class Passports {
    private final Path folder;

    /** @param folder made on first use, for nobody's eyes but the server's */
    public Passports(Path folder) {
        this.folder = folder;
    }

    /** Issues one, before the workload is let loose as this target's. */
    Passport issue(String workload, Holder holder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
        return Passport.issue(folder.resolve(workload), holder);
    }

    /** The one of a workload that an earlier server started; empty where it never became a function's. */
    Optional<Passport> of(String workload) throws IOException {
        return Passport.read(folder.resolve(workload));
    }

    /** Removes those of workloads that are gone. */
    void sweep(Set<String> kept) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (!kept.contains(entry.getFileName().toString())) {
                    Files.deleteIfExists(entry);
                }
            }
        }
    }
}
