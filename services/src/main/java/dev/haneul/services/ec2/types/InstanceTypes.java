package dev.haneul.services.ec2.types;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The instance types AWS offers, read from the shipped list when asked for and forgotten when memory is short. */
public final class InstanceTypes {
    private static final String RESOURCE = "instance-types.tsv";

    private volatile @Nullable SoftReference<NavigableMap<String, InstanceType>> loaded;

    /** A type by its name, e.g. {@code t3.micro}. */
    public Optional<InstanceType> find(String name) {
        return Optional.ofNullable(all().get(name));
    }

    /** All of them by name. */
    public NavigableMap<String, InstanceType> all() {
        SoftReference<NavigableMap<String, InstanceType>> held = loaded;
        NavigableMap<String, InstanceType> known = held == null ? null : held.get();
        if (known == null) {
            known = load();
            loaded = new SoftReference<>(known);
        }
        return known;
    }

    private static NavigableMap<String, InstanceType> load() {
        NavigableMap<String, InstanceType> types = new TreeMap<>();
        try (InputStream in = InstanceTypes.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    InstanceType type = InstanceType.parse(line);
                    types.put(type.name(), type);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Collections.unmodifiableNavigableMap(types);
    }
}
