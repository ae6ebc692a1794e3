package dev.haneul.codegen.generator;

import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One generated file while it is written: lines with indentation, and the imports its short names need. */
final class Source {
    private static final String RUNTIME = "dev.haneul.api.runtime.";
    private static final Map<String, String> IMPORTS = Map.ofEntries(
            Map.entry("List", "java.util.List"),
            Map.entry("Map", "java.util.Map"),
            Map.entry("Set", "java.util.Set"),
            Map.entry("Instant", "java.time.Instant"),
            Map.entry("BigDecimal", "java.math.BigDecimal"),
            Map.entry("BigInteger", "java.math.BigInteger"),
            Map.entry("AtomicReferenceArray", "java.util.concurrent.atomic.AtomicReferenceArray"),
            Map.entry("Nullable", "org.jspecify.annotations.Nullable"),
            runtime("Api"),
            runtime("Body"),
            runtime("Call"),
            runtime("Caller"),
            runtime("Constraints"),
            runtime("EventStream"),
            runtime("Faults"),
            runtime("Kind"),
            runtime("ListShape"),
            runtime("Location"),
            runtime("MapShape"),
            runtime("Member"),
            runtime("OperationShape"),
            runtime("Protocol"),
            runtime("ServiceShape"),
            runtime("Shape"),
            runtime("ShapeTable"),
            runtime("SimpleShape"),
            runtime("Struct"),
            runtime("StructShape"),
            runtime("TimestampFormat"));

    private final String packageName;
    private final StringBuilder body = new StringBuilder();
    private int depth;

    Source(String packageName) {
        this.packageName = packageName;
    }

    /** A line; a brace at its end indents what follows, one at its start outdents it. */
    Source line(String text) {
        if (text.startsWith("}")) {
            depth--;
        }
        body.append("    ".repeat(depth)).append(text).append('\n');
        if (text.endsWith("{")) {
            depth++;
        }
        return this;
    }

    Source blank() {
        body.append('\n');
        return this;
    }

    /** The whole file. Imports are those whose short names stand in the body. */
    String text() {
        TreeSet<String> imports = new TreeSet<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (int at = 0; at < body.length(); at++) {
            char next = body.charAt(at);
            if (next == '\\' && quoted) {
                at++;
                continue;
            }
            if (next == '"') {
                quoted = !quoted;
            }
            if (!quoted && Character.isJavaIdentifierPart(next)) {
                word.append(next);
            } else if (!word.isEmpty()) {
                String found = IMPORTS.get(word.toString());
                if (found != null) {
                    imports.add(found);
                }
                word.setLength(0);
            }
        }
        StringBuilder file = new StringBuilder("package ").append(packageName).append(";\n\n");
        imports.forEach(name -> file.append("import ").append(name).append(";\n"));
        if (!imports.isEmpty()) {
            file.append('\n');
        }
        return file.append(body).toString();
    }

    /** A Java string literal, {@code null} for null. */
    static String literal(@Nullable String value) {
        if (value == null) {
            return "null";
        }
        StringBuilder out = new StringBuilder("\"");
        for (int at = 0; at < value.length(); at++) {
            char next = value.charAt(at);
            switch (next) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (next < ' ' || next > '~') {
                        out.append(String.format("\\u%04x", (int) next));
                    } else {
                        out.append(next);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static Map.Entry<String, String> runtime(String name) {
        return Map.entry(name, RUNTIME + name);
    }
}
