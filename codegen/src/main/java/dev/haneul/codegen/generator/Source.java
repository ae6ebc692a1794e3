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
            Map.entry("Catalog", CatalogWriter.PACKAGE + "." + CatalogWriter.NAME),
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
            runtime("OperationTable"),
            runtime("Protocol"),
            runtime("ServiceShape"),
            runtime("ServiceTables"),
            runtime("Shape"),
            runtime("ShapeTable"),
            runtime("SimpleShape"),
            runtime("Struct"),
            runtime("StructShape"),
            runtime("TimestampFormat"));

    private final String packageName;
    private final StringBuilder body = new StringBuilder();
    private final TreeSet<String> imports = new TreeSet<>();
    private int depth;

    Source(String packageName) {
        this.packageName = packageName;
    }

    /** A line; a brace at its end indents what follows, one at its start outdents it. */
    Source line(String text) {
        if (text.startsWith("}")) {
            depth--;
        }
        indented(text);
        if (text.endsWith("{")) {
            depth++;
        }
        noteImports(text);
        return this;
    }

    /** A one-line Javadoc. */
    Source comment(String text) {
        indented("/** " + text.replace("*/", "") + " */");
        return this;
    }

    Source blank() {
        body.append('\n');
        return this;
    }

    /** The whole file. */
    String text() {
        StringBuilder file = new StringBuilder("package ").append(packageName).append(";\n\n");
        imports.forEach(name -> file.append("import ").append(name).append(";\n"));
        if (!imports.isEmpty()) {
            file.append('\n');
        }
        return file.append(body).toString();
    }

    private void indented(String text) {
        body.append("    ".repeat(depth)).append(text).append('\n');
    }

    /** Every short name outside a string literal that stands for an import. */
    private void noteImports(String text) {
        int start = -1;
        boolean quoted = false;
        for (int at = 0; at <= text.length(); at++) {
            char next = at < text.length() ? text.charAt(at) : ' ';
            if (quoted && next == '\\') {
                at++;
            } else if (next == '"') {
                quoted = !quoted;
            } else if (!quoted && Character.isJavaIdentifierPart(next)) {
                start = start < 0 ? at : start;
                continue;
            }
            String found = start < 0 ? null : IMPORTS.get(text.substring(start, at));
            if (found != null) {
                imports.add(found);
            }
            start = -1;
        }
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
