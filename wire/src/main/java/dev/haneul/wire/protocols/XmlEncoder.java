package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Structs → XML, driven by the schema. Unset members are left out. */
final class XmlEncoder {
    private final SimpleText.Style style;

    /** {@code millis}: whether date-times carry milliseconds even where they are zero, as S3's and EC2's do. */
    XmlEncoder(boolean millis) {
        this.style = new SimpleText.Style(TimestampFormat.DATE_TIME, true, millis);
    }

    /** Writes a struct as an element. {@code uri} is the namespace used where the shape has none. */
    void element(XmlText out, String name, Struct struct, @Nullable String uri) {
        StructShape shape = struct.shape();
        out.start(name);
        if (shape.xmlNamespace() != null) {
            out.namespace(shape.xmlNamespace(), shape.xmlPrefix());
        } else {
            out.namespace(uri, null);
        }
        content(out, struct, shape.members());
        out.end(name);
    }

    /** Writes members into the element just begun: attributes first, then the elements. */
    void content(XmlText out, Struct struct, List<Member> members) {
        for (Member member : members) {
            Object value = Defaults.valueOf(struct, member);
            if (value != null && member.is(Member.Flag.XML_ATTRIBUTE)) {
                out.attribute(XmlDecoder.elementName(member), SimpleText.format(member, value, style));
            }
        }
        for (Member member : members) {
            Object value = Defaults.valueOf(struct, member);
            if (value != null && !member.is(Member.Flag.XML_ATTRIBUTE)) {
                member(out, member, value);
            }
        }
    }

    private void member(XmlText out, Member member, Object value) {
        String name = XmlDecoder.elementName(member);
        boolean flattened = member.is(Member.Flag.FLATTENED);
        if (flattened && member.shape() instanceof ListShape list) {
            for (Object element : (List<?>) value) {
                value(out, name, list.element(), list.element().shape(), list.element(), element);
            }
        } else if (flattened && member.shape() instanceof MapShape map) {
            ((Map<?, ?>) value).forEach((key, entry) -> entry(out, name, member, map, (String) key, entry));
        } else {
            value(out, name, member, member.shape(), member, value);
        }
    }

    /** One value as an element; {@code named} gives its namespace, {@code described} its formats. */
    private void value(XmlText out, String name, Member named, Shape shape, Member described, @Nullable Object value) {
        out.start(name);
        namespace(out, named, shape);
        switch (value) {
            case null -> {
                // A null of a sparse list is an empty element.
            }
            case Struct struct -> content(out, struct, struct.shape().members());
            case List<?> elements
            when shape instanceof ListShape list -> {
                Member element = list.element();
                elements.forEach(e -> value(out, element.xmlName(), element, element.shape(), element, e));
            }
            case Map<?, ?> entries
            when shape instanceof MapShape map ->
                entries.forEach((key, entry) -> entry(out, "entry", map.value(), map, (String) key, entry));
            default -> out.text(SimpleText.format(described, value, style));
        }
        out.end(name);
    }

    private void entry(XmlText out, String name, Member named, MapShape map, String key, @Nullable Object value) {
        out.start(name);
        if (named.is(Member.Flag.FLATTENED)) {
            out.namespace(named.xmlNamespace(), named.xmlPrefix());
        }
        out.start(map.key().xmlName());
        namespace(out, map.key(), map.key().shape());
        out.text(key).end(map.key().xmlName());
        Member described = map.value();
        value(out, described.xmlName(), described, described.shape(), described, value);
        out.end(name);
    }

    private static void namespace(XmlText out, Member named, Shape shape) {
        if (named.xmlNamespace() != null) {
            out.namespace(named.xmlNamespace(), named.xmlPrefix());
        } else if (shape instanceof StructShape struct && struct.xmlPrefix() != null) {
            // S3's Grantee, whose xsi:type needs the prefix; default namespaces are the document root's affair.
            out.namespace(struct.xmlNamespace(), struct.xmlPrefix());
        }
    }
}
