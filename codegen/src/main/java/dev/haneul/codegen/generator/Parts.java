package dev.haneul.codegen.generator;

import java.util.function.IntFunction;

/**
 * A long switch cut into nested classes. A class is verified as a whole when it is first used, and HotSpot compiles no
 * method above 8,000 bytes, so a table of thousands of cases is kept in parts of which most are never loaded.
 */
final class Parts {
    private final int cases;
    private final int casesPerPart;

    Parts(int cases, int casesPerPart) {
        this.cases = cases;
        this.casesPerPart = casesPerPart;
    }

    /** The switch that hands an {@code index} to its part, as the last statement of a method. */
    void dispatch(Source out, String call) {
        out.line("return switch (index / " + casesPerPart + ") {");
        for (int part = 0; part * casesPerPart < cases; part++) {
            out.line("case " + part + " -> Part" + part + "." + call + ";");
        }
        outside(out);
    }

    /** The parts: each a nested class with one method of that signature. */
    void write(Source out, String signature, IntFunction<String> expression) {
        for (int part = 0; part * casesPerPart < cases; part++) {
            out.blank().line("private static final class Part" + part + " {");
            out.line(signature + " {").line("return switch (index) {");
            for (int index = part * casesPerPart; index < Math.min(cases, (part + 1) * casesPerPart); index++) {
                out.line("case " + index + " -> " + expression.apply(index) + ";");
            }
            outside(out);
            out.line("}").line("}");
        }
    }

    private static void outside(Source out) {
        out.line("default -> throw new IndexOutOfBoundsException(index);").line("};");
    }
}
