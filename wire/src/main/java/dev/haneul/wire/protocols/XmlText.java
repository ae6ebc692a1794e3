package dev.haneul.wire.protocols;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes XML text: declaration, elements, escapes. */
final class XmlText {
    private final StringBuilder out = new StringBuilder(1024);
    private boolean open;

    /** A document with its XML declaration. */
    static XmlText document() {
        XmlText text = new XmlText();
        text.out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        return text;
    }

    /** Begins an element. */
    XmlText start(String name) {
        seal();
        out.append('<').append(name);
        open = true;
        return this;
    }

    /** An attribute of the element just begun. */
    XmlText attribute(String name, String value) {
        if (!open) {
            throw new IllegalStateException("no element is open for attribute " + name);
        }
        out.append(' ').append(name).append("=\"");
        escape(value, true);
        out.append('"');
        return this;
    }

    /** The namespace of the element just begun; null uri for none. */
    XmlText namespace(@Nullable String uri, @Nullable String prefix) {
        if (uri == null) {
            return this;
        }
        return attribute(prefix == null || prefix.isEmpty() ? "xmlns" : "xmlns:" + prefix, uri);
    }

    /** Character data. */
    XmlText text(String text) {
        seal();
        escape(text, false);
        return this;
    }

    /** Ends an element. */
    XmlText end(String name) {
        if (open) {
            out.append("/>");
            open = false;
        } else {
            out.append("</").append(name).append('>');
        }
        return this;
    }

    /** An element that holds only text. */
    XmlText element(String name, String content) {
        return start(name).text(content).end(name);
    }

    byte[] bytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void seal() {
        if (open) {
            out.append('>');
            open = false;
        }
    }

    /** Escapes markup, and as references what parsers would normalise away or refuse as a plain character. */
    private void escape(String text, boolean quotes) {
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String escaped = replacement(c, quotes);
            if (escaped != null) {
                out.append(text, from, i).append(escaped);
                from = i + 1;
            }
        }
        out.append(text, from, text.length());
    }

    private static @Nullable String replacement(char c, boolean quotes) {
        return switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '"' -> quotes ? "&quot;" : null;
            case '\t', '\n' -> quotes ? reference(c) : null;
            case '\r', '\u0085', '\u2028', '\ufffe', '\uffff' -> reference(c);
            default -> c < 0x20 ? reference(c) : null;
        };
    }

    private static String reference(char c) {
        return "&#x" + Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT) + ";";
    }
}
