package dev.haneul.edge.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Header lines in their order, names as they came and compared in any case. Not for several threads at once. */
public final class Headers {
    private final List<String> lines;

    public Headers() {
        lines = new ArrayList<>(32);
    }

    private Headers(List<String> lines) {
        this.lines = lines;
    }

    public Headers copy() {
        return new Headers(new ArrayList<>(lines));
    }

    public int size() {
        return lines.size() / 2;
    }

    public String name(int index) {
        return lines.get(2 * index);
    }

    public String value(int index) {
        return lines.get(2 * index + 1);
    }

    /** Adds a line. */
    public Headers add(String name, String value) {
        lines.add(name);
        lines.add(value);
        return this;
    }

    /** Adds all of these to others. */
    void addTo(Headers others) {
        others.lines.addAll(lines);
    }

    /** Puts one line in the place of all of that name. */
    public Headers set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    /** The first value, null where there is none. */
    public @Nullable String get(String name) {
        for (int i = 0; i < lines.size(); i += 2) {
            if (same(lines.get(i), name)) {
                return lines.get(i + 1);
            }
        }
        return null;
    }

    public boolean has(String name) {
        return get(name) != null;
    }

    /** All values of a name. */
    public List<String> all(String name) {
        List<String> found = new ArrayList<>(2);
        for (int i = 0; i < lines.size(); i += 2) {
            if (same(lines.get(i), name)) {
                found.add(lines.get(i + 1));
            }
        }
        return found;
    }

    /** Whether a comma-separated header lists a word. */
    public boolean lists(String name, String word) {
        for (int i = 0; i < lines.size(); i += 2) {
            if (same(lines.get(i), name)) {
                for (String part : lines.get(i + 1).split(",", -1)) {
                    if (part.trim().equalsIgnoreCase(word)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    public void remove(String name) {
        removeIf((each, value) -> same(each, name));
    }

    public void removeIf(BiPredicate<String, String> which) {
        int kept = 0;
        for (int i = 0; i < lines.size(); i += 2) {
            String name = lines.get(i);
            String value = lines.get(i + 1);
            if (!which.test(name, value)) {
                lines.set(kept++, name);
                lines.set(kept++, value);
            }
        }
        lines.subList(kept, lines.size()).clear();
    }

    private static boolean same(String one, String other) {
        return one.length() == other.length() && one.equalsIgnoreCase(other);
    }

    @Override
    public String toString() {
        return lines.toString();
    }
}
