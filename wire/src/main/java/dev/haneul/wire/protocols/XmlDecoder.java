package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * XML → structs, driven by the schema. Unknown elements are skipped, namespaces are not compared (clients differ),
 * DTDs are refused and entities not expanded.
 */
final class XmlDecoder {
    static final SimpleText.Style STYLE = new SimpleText.Style(TimestampFormat.DATE_TIME, true, false);

    private static final char BYTE_ORDER_MARK = '\ufeff';

    private final XMLInputFactory factory = hardened();
    private final ShapeCache<StructShape, Names> names = new ShapeCache<>(Names::of);

    /** The members of a structure by the local names they have on the wire. */
    private record Names(Map<String, Member> elements, Map<String, Member> attributes) {
        static Names of(StructShape shape) {
            Map<String, Member> elements = new HashMap<>();
            Map<String, Member> attributes = new HashMap<>();
            for (Member member : shape.members()) {
                Map<String, Member> names = member.is(Member.Flag.XML_ATTRIBUTE) ? attributes : elements;
                names.put(localName(elementName(member)), member);
            }
            return new Names(elements, attributes);
        }
    }

    private static XMLInputFactory hardened() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        return factory;
    }

    /** What a member is called in the body: members bound elsewhere go by their own names when nested. */
    static String elementName(Member member) {
        return member.location() == Location.BODY ? member.xmlName() : member.name();
    }

    /** The name without its prefix. */
    static String localName(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(colon + 1);
    }

    /**
     * Reads a document into a struct.
     *
     * @param roots the names the root element may have
     * @throws Malformed where it is not well-formed or does not fit
     * @throws Fault what reading the bytes throws
     */
    void read(InputStream in, Set<String> roots, Struct into) {
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(utf8(in));
            try {
                Parse parse = new Parse(reader);
                parse.root(roots);
                parse.members(into, 1);
                parse.end();
            } finally {
                reader.close();
            }
        } catch (XMLStreamException e) {
            if (e.getNestedException() instanceof IOException broken && !(broken instanceof CharacterCodingException)) {
                throw Bodies.broken(broken);
            }
            throw new Malformed("The XML is not well-formed.");
        }
    }

    /**
     * The text of a body, which is always UTF-8. The JDK's own readers would print what is malformed to the console.
     */
    private static Reader utf8(InputStream in) {
        PushbackReader reader = new PushbackReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()), 1);
        try {
            int first = reader.read();
            if (first >= 0 && first != BYTE_ORDER_MARK) {
                reader.unread(first);
            }
        } catch (CharacterCodingException e) {
            throw new Malformed("The XML is not valid UTF-8.");
        } catch (IOException e) {
            throw Bodies.broken(e);
        }
        return reader;
    }

    /** One document being read. Each method starts on the start tag of its element and ends on the end tag. */
    private final class Parse {
        private final XMLStreamReader reader;

        Parse(XMLStreamReader reader) {
            this.reader = reader;
        }

        void root(Set<String> roots) throws XMLStreamException {
            while (next() != XMLStreamConstants.START_ELEMENT) {
                // The XML declaration, comments and white space come before the root; the reader bounds them.
                continue;
            }
            if (!roots.contains(reader.getLocalName())) {
                throw new Malformed("Unexpected root element " + reader.getLocalName() + ".");
            }
        }

        void end() throws XMLStreamException {
            while (reader.hasNext()) {
                next();
            }
        }

        private int next() throws XMLStreamException {
            int event = reader.next();
            if (event == XMLStreamConstants.DTD || event == XMLStreamConstants.ENTITY_REFERENCE) {
                throw new Malformed("Document type declarations and entities are not allowed.");
            }
            return event;
        }

        /** The next child's start tag, or false at the end tag of the element we are in. */
        private boolean nextChild() throws XMLStreamException {
            while (true) {
                int event = next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    return true;
                }
                if (event == XMLStreamConstants.END_ELEMENT) {
                    return false;
                }
            }
        }

        void members(Struct into, int depth) throws XMLStreamException {
            bound(depth);
            Names known = names.of(into.shape());
            if (!known.attributes.isEmpty()) {
                attributes(known, into);
            }
            while (nextChild()) {
                Member member = known.elements.get(reader.getLocalName());
                if (member == null) {
                    skip(depth + 1);
                } else if (member.is(Member.Flag.FLATTENED)) {
                    flattened(into, member, depth);
                } else {
                    into.set(member.index(), value(member, depth + 1));
                }
            }
            Defaults.fill(into);
        }

        private void attributes(Names known, Struct into) {
            for (int i = 0; i < reader.getAttributeCount(); i++) {
                Member member = known.attributes.get(reader.getAttributeLocalName(i));
                if (member != null) {
                    into.set(member.index(), SimpleText.parse(member, reader.getAttributeValue(i), STYLE));
                }
            }
        }

        /** One more value of a list or map whose elements stand directly in the structure. */
        @SuppressWarnings("unchecked")
        private void flattened(Struct into, Member member, int depth) throws XMLStreamException {
            Object held = into.get(member.index());
            if (member.shape() instanceof MapShape map) {
                Map<String, Object> entries = held == null ? new LinkedHashMap<>() : (Map<String, Object>) held;
                into.set(member.index(), entries);
                entry(map, entries, depth + 1);
            } else if (member.shape() instanceof ListShape list) {
                List<Object> elements = held == null ? new ArrayList<>() : (List<Object>) held;
                into.set(member.index(), elements);
                elements.add(value(list.element(), depth + 1));
            } else {
                into.set(member.index(), value(member, depth + 1));
            }
        }

        private Object value(Member member, int depth) throws XMLStreamException {
            bound(depth);
            switch (member.shape()) {
                case StructShape struct -> {
                    Struct made = struct.create();
                    members(made, depth);
                    if (struct.kind() == Kind.UNION) {
                        Unions.check(made);
                    }
                    return made;
                }
                case ListShape list -> {
                    return list(list, depth);
                }
                case MapShape map -> {
                    return map(map, depth);
                }
                default -> {
                    String text = text();
                    boolean verbatim = member.shape().kind() == Kind.STRING;
                    return SimpleText.parse(member, verbatim ? text : text.strip(), STYLE);
                }
            }
        }

        private List<Object> list(ListShape shape, int depth) throws XMLStreamException {
            List<Object> elements = new ArrayList<>();
            String wanted = localName(shape.element().xmlName());
            while (nextChild()) {
                if (reader.getLocalName().equals(wanted)) {
                    elements.add(value(shape.element(), depth + 1));
                } else {
                    skip(depth + 1);
                }
            }
            return elements;
        }

        private Map<String, Object> map(MapShape shape, int depth) throws XMLStreamException {
            Map<String, Object> entries = new LinkedHashMap<>();
            while (nextChild()) {
                entry(shape, entries, depth + 1);
            }
            return entries;
        }

        private void entry(MapShape shape, Map<String, Object> entries, int depth) throws XMLStreamException {
            bound(depth);
            String key = null;
            Object value = null;
            String keyName = localName(shape.key().xmlName());
            String valueName = localName(shape.value().xmlName());
            while (nextChild()) {
                String name = reader.getLocalName();
                if (name.equals(keyName)) {
                    key = text();
                } else if (name.equals(valueName)) {
                    value = value(shape.value(), depth + 1);
                } else {
                    skip(depth + 1);
                }
            }
            if (key == null || (value == null && !shape.sparse())) {
                throw new Malformed("A map entry needs a key and a value.");
            }
            put(entries, key, value);
        }

        @SuppressWarnings("NullAway") // sparse maps hold nulls
        private void put(Map<String, Object> entries, String key, @Nullable Object value) {
            entries.put(key, value);
        }

        private String text() throws XMLStreamException {
            StringBuilder longer = null;
            String first = "";
            while (true) {
                int event = next();
                if (event == XMLStreamConstants.END_ELEMENT) {
                    return longer == null ? first : longer.toString();
                }
                if (event == XMLStreamConstants.START_ELEMENT) {
                    throw new Malformed("Unexpected element " + reader.getLocalName() + ".");
                }
                if (event == XMLStreamConstants.CHARACTERS
                        || event == XMLStreamConstants.CDATA
                        || event == XMLStreamConstants.SPACE) {
                    if (longer == null && first.isEmpty()) {
                        first = reader.getText();
                    } else {
                        longer = longer == null ? new StringBuilder(first) : longer;
                        longer.append(reader.getText());
                    }
                }
            }
        }

        private void skip(int depth) throws XMLStreamException {
            int open = 1;
            while (open > 0) {
                int event = next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    open++;
                    bound(depth + open);
                } else if (event == XMLStreamConstants.END_ELEMENT) {
                    open--;
                }
            }
        }

        private void bound(int depth) {
            if (depth > WireLimits.MAX_DEPTH) {
                throw new Malformed("The XML is nested too deeply.");
            }
        }
    }
}
