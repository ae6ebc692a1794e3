package dev.haneul.wire.protocols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP headers: ordered, several values per name, names case-insensitive (their spelling is kept for writing).
 *
 * <p>A handful of entries in arrays: faster than maps at the sizes that occur. Not safe for concurrent change.
 */
public final class Headers {
    private String[] names = new String[16];
    private String[] lowerNames = new String[16];
    private String[] values = new String[16];
    private int size;

    /** Adds a value, keeping those that stand under the name. */
    public Headers add(String name, String value) {
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            lowerNames = Arrays.copyOf(lowerNames, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        names[size] = name;
        lowerNames[size] = name.toLowerCase(Locale.ROOT);
        values[size] = value;
        size++;
        return this;
    }

    /** Sets the only value of a name. */
    public Headers set(String name, String value) {
        return remove(name).add(name, value);
    }

    /** Removes every value of a name. */
    public Headers remove(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!lowerNames[i].equals(lower)) {
                names[kept] = names[i];
                lowerNames[kept] = lowerNames[i];
                values[kept] = values[i];
                kept++;
            }
        }
        size = kept;
        return this;
    }

    /** The first value of a name, null for none. */
    public @Nullable String first(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (int i = 0; i < size; i++) {
            if (lowerNames[i].equals(lower)) {
                return values[i];
            }
        }
        return null;
    }

    /** Every value of a name, in order, one per header line. */
    public List<String> all(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        List<String> found = new ArrayList<>(2);
        for (int i = 0; i < size; i++) {
            if (lowerNames[i].equals(lower)) {
                found.add(values[i]);
            }
        }
        return found;
    }

    public boolean has(String name) {
        return first(name) != null;
    }

    /** Number of header lines. */
    public int size() {
        return size;
    }

    /** The name of the line at this place, as it was spelt. */
    public String nameAt(int line) {
        return names[line];
    }

    /** The name of the line at this place, in lower case. */
    public String lowerNameAt(int line) {
        return lowerNames[line];
    }

    /** The value of the line at this place. */
    public String valueAt(int line) {
        return values[line];
    }

    /** The names in lower case, each once, in order of their first line. */
    public Set<String> lowerNames() {
        return new LinkedHashSet<>(Arrays.asList(lowerNames).subList(0, size));
    }

    /** For logs; hides credentials. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            boolean hidden = lowerNames[i].equals("authorization") || lowerNames[i].contains("token");
            out.append(lowerNames[i])
                    .append(": ")
                    .append(hidden ? "***" : values[i])
                    .append("; ");
        }
        return out.append('}').toString();
    }
}
