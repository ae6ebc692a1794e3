package dev.haneul.codegen.generator;

import java.io.IOException;
import java.nio.file.Path;

/** {@code MODELS OUT}: what the build of {@code api} runs before it compiles. */
public final class Main {
    private Main() {}

    /** Generates; throws where it cannot, which fails the build. */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException("usage: MODELS OUT");
        }
        new Generator(Path.of(args[0]), Path.of(args[1])).run();
    }
}
