package dev.haneul.codegen.generator;

import java.io.IOException;
import java.nio.file.Path;

/** {@code MODELS OUT STAMP}: what the build of {@code api} runs before it compiles. */
public final class Main {
    private Main() {}

    /** Generates; throws where it cannot, which fails the build. */
    public static void main(String[] args) throws IOException {
        if (args.length != 3) {
            throw new IllegalArgumentException("usage: MODELS OUT STAMP");
        }
        new Generator(Path.of(args[0]), Path.of(args[1]), Path.of(args[2])).run();
    }
}
