package dev.haneul.services.iam;

import dev.haneul.kernel.Ids;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The policies AWS keeps for everyone, read from the shipped list when first asked for. */
final class AwsManagedPolicies {
    /** What their ARNs begin with; the path and name follow. */
    static final String ARN = "arn:aws:iam::aws:policy";

    private static final String RESOURCE = "managed-policies.tsv";
    /** AWS tells each policy's own date; the list does not hold them. */
    private static final Instant CREATED = Instant.parse("2015-02-06T18:39:46Z");

    private volatile @Nullable NavigableMap<String, Managed> loaded;

    /**
     * One of them.
     *
     * @param version e.g. {@code v5}; only the version in force is known
     */
    record Managed(String name, String path, String version, String document) {
        String arn() {
            return ARN + path + name;
        }

        String id() {
            // The same in every region and after every restart.
            return new Ids(new Random(name.hashCode())).unique("ANPA");
        }

        Instant created() {
            return CREATED;
        }
    }

    Optional<Managed> find(String arn) {
        if (!arn.startsWith(ARN + "/")) {
            return Optional.empty();
        }
        Managed found = all().get(arn.substring(arn.lastIndexOf('/') + 1));
        return found != null && found.arn().equals(arn) ? Optional.of(found) : Optional.empty();
    }

    /** All of them by name. */
    NavigableMap<String, Managed> all() {
        NavigableMap<String, Managed> found = loaded;
        if (found == null) {
            found = read();
            loaded = found;
        }
        return found;
    }

    private static NavigableMap<String, Managed> read() {
        NavigableMap<String, Managed> found = new TreeMap<>();
        try (InputStream in = AwsManagedPolicies.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the build");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            String line;
            while ((line = lines.readLine()) != null) {
                String[] fields = line.split("\t", 4);
                found.put(fields[0], new Managed(fields[0], fields[1], fields[2], fields[3]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableNavigableMap(found);
    }
}
