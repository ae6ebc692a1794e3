package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Query forms → structs, in the two dialects: awsQuery and ec2Query. */
final class FormDecoder {
    private final boolean ec2;
    private final ShapeCache<StructShape, String[]> names;

    /** {@code ec2}: EC2's dialect, with capital first letters and every list flattened. */
    FormDecoder(boolean ec2) {
        this.ec2 = ec2;
        names = new ShapeCache<>(
                shape -> shape.members().stream().map(this::name).toArray(String[]::new));
    }

    private String name(Member member) {
        if (!ec2) {
            return member.xmlName();
        }
        String own = member.ec2Name();
        if (own != null) {
            return own;
        }
        String name = member.xmlName();
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    /**
     * Reads a request's form: the parameters of the query string, then those of the body.
     *
     * @throws Malformed where it does not fit
     */
    void read(OperationShape operation, WireRequest request, int limitBytes, Struct into) {
        InputStream in = Bodies.unlessEmpty(operation, request, limitBytes);
        byte[] body = in == null ? new byte[0] : Bodies.readAll(Body.of(in, -1), limitBytes);
        QueryString form = QueryString.parse(new String(body, StandardCharsets.UTF_8));
        List<QueryString.Parameter> parameters = form.parameters();
        if (!request.query().parameters().isEmpty()) {
            parameters = new ArrayList<>(request.query().parameters());
            parameters.addAll(form.parameters());
        }
        members(FormTree.of(parameters), into, 1);
    }

    private void members(FormTree tree, Struct into, int depth) {
        if (depth > WireLimits.MAX_DEPTH) {
            throw new Malformed("The request is nested too deeply.");
        }
        StructShape shape = into.shape();
        String[] wire = names.of(shape);
        for (Member member : shape.members()) {
            FormTree child = tree.child(wire[member.index()]);
            if (child != null) {
                into.set(member.index(), value(member, wire[member.index()], child, depth + 1));
            }
        }
        Defaults.fill(into);
        if (shape.kind() == Kind.UNION) {
            Unions.check(into);
        }
    }

    private @Nullable Object value(Member member, String name, FormTree tree, int depth) {
        return switch (member.shape()) {
            case StructShape struct -> {
                Struct made = struct.create();
                members(tree, made, depth);
                yield made;
            }
            case ListShape list -> list(member, list, tree, depth);
            case MapShape map -> map(member, map, tree, depth);
            default -> simple(member, name, tree);
        };
    }

    private static @Nullable Object simple(Member member, String name, FormTree tree) {
        String text = tree.value();
        if (text == null) {
            throw new Malformed("Unexpected complex value for " + name + ".").in(name);
        }
        boolean string = member.shape().kind() == Kind.STRING;
        if (text.isEmpty() && !string && member.shape().kind() != Kind.BLOB) {
            return null;
        }
        try {
            return SimpleText.parse(member, text, XmlDecoder.STYLE);
        } catch (Malformed e) {
            throw e.in(name);
        }
    }

    private List<Object> list(Member member, ListShape list, FormTree tree, int depth) {
        String elementName = list.element().xmlName();
        FormTree elements = ec2 || member.is(Member.Flag.FLATTENED) ? tree : tree.child(elementName);
        List<Object> values = new ArrayList<>();
        if (elements != null) {
            for (FormTree element : elements.numbered()) {
                Object value = value(list.element(), elementName, element, depth + 1);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        return values;
    }

    private Map<String, Object> map(Member member, MapShape map, FormTree tree, int depth) {
        FormTree entries = member.is(Member.Flag.FLATTENED) ? tree : tree.child("entry");
        Map<String, Object> values = new LinkedHashMap<>();
        if (entries == null) {
            return values;
        }
        for (FormTree entry : entries.numbered()) {
            FormTree key = entry.child(map.key().xmlName());
            FormTree value = entry.child(map.value().xmlName());
            String name = key == null ? null : key.value();
            Object parsed =
                    value == null ? null : value(map.value(), map.value().xmlName(), value, depth + 1);
            if (name == null || parsed == null) {
                throw new Malformed("A map entry needs a key and a value.");
            }
            values.put(name, parsed);
        }
        return values;
    }
}
