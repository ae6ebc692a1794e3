package dev.haneul.server;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The words of {@code serve} as the launcher writes them, read without the command-line library: its classes are of a
 * format that the start-up cache cannot hold, and loading them costs a third of a start. Whatever is not just so is left
 * to the library and its words about mistakes.
 */
record ServeArguments(
        int port,
        Path data,
        String bind,
        boolean ephemeral,
        String engine,
        boolean exactRuntimes,
        boolean enforced,
        int scale,
        boolean virtual,
        @Nullable Path readyFile) {
    /** Empty where these words are of another command, or need explaining. */
    static Optional<ServeArguments> of(List<String> words) {
        if (words.isEmpty() || !words.getFirst().equals("serve")) {
            return Optional.empty();
        }
        Integer port = null;
        Path data = null;
        String bind = "127.0.0.1";
        String engine = "auto";
        boolean ephemeral = false;
        boolean exact = false;
        boolean enforced = true;
        int scale = 1;
        boolean virtual = false;
        Path ready = null;
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            String next = i + 1 < words.size() ? words.get(i + 1) : "";
            switch (word) {
                case "--ephemeral" -> ephemeral = true;
                case "--exact-runtimes" -> exact = true;
                case "--port", "--data", "--bind", "--engine", "--iam", "--scale", "--machines", "--ready-file" -> {
                    if (next.isEmpty() || next.startsWith("-")) {
                        return Optional.empty();
                    }
                    i++;
                    try {
                        switch (word) {
                            case "--port" -> port = Integer.valueOf(next);
                            case "--data" -> data = Path.of(next);
                            case "--bind" -> bind = next;
                            case "--engine" -> engine = next;
                            case "--scale" -> scale = Settings.scale(next);
                            case "--machines" -> virtual = Settings.virtual(next);
                            case "--ready-file" -> ready = Path.of(next);
                            default -> {
                                if (!next.equals("on") && !next.equals("off")) {
                                    return Optional.empty();
                                }
                                enforced = next.equals("on");
                            }
                        }
                    } catch (NumberFormatException | InvalidPathException e) {
                        return Optional.empty();
                    }
                }
                default -> {
                    return Optional.empty();
                }
            }
        }
        return port == null || data == null
                ? Optional.empty()
                : Optional.of(new ServeArguments(
                        port, data, bind, ephemeral, engine, exact, enforced, scale, virtual, ready));
    }

    Settings settings(Path runtimes) {
        return new Settings(port, bind, data, ephemeral, runtimes, engine, exactRuntimes, enforced, scale, virtual);
    }
}
