package dev.haneul.api.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A structure, a union or an error. Built once by its generated class and never changed after.
 *
 * <p>A prototype makes new values: no reflection and no lambda per class.
 */
public final class StructShape implements Shape {
    private final String name;
    private final Kind kind;
    private final Struct prototype;
    private final List<Member> members = new ArrayList<>();
    private String xmlName;
    private @Nullable String xmlNamespace;
    private @Nullable String xmlPrefix;
    private @Nullable Member payload;
    private @Nullable ErrorTrait error;
    private volatile @Nullable Map<String, Member> byName;

    /** Starts a shape; {@code prototype} answers fresh values and holds none itself. */
    public StructShape(String name, Kind kind, Struct prototype) {
        this.name = name;
        this.kind = kind;
        this.prototype = prototype;
        this.xmlName = name;
    }

    /** While building: the next member. Its index must be the number of members so far. */
    public StructShape add(Member member) {
        if (member.index() != members.size()) {
            throw new IllegalArgumentException(name + "." + member.name() + " is not at its place");
        }
        members.add(member);
        if (member.location() == Location.PAYLOAD) {
            payload = member;
        }
        return this;
    }

    /** While building: the XML root or payload element name. */
    public StructShape xml(String element) {
        xmlName = element;
        return this;
    }

    /** While building: the XML namespace. */
    public StructShape namespace(String uri, @Nullable String prefix) {
        xmlNamespace = uri;
        xmlPrefix = prefix;
        return this;
    }

    /** While building: this structure is an error. */
    public StructShape error(ErrorTrait trait) {
        error = trait;
        return this;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Constraints constraints() {
        return Constraints.NONE;
    }

    public List<Member> members() {
        return members;
    }

    public Member member(int index) {
        return members.get(index);
    }

    /** The member with this model name, null for none. */
    public @Nullable Member member(String memberName) {
        Map<String, Member> names = byName;
        if (names == null) {
            names = new HashMap<>();
            for (Member member : members) {
                names.put(member.name(), member);
            }
            byName = names;
        }
        return names.get(memberName);
    }

    /** A new, empty value. */
    public Struct create() {
        return prototype.fresh();
    }

    public String xmlName() {
        return xmlName;
    }

    public @Nullable String xmlNamespace() {
        return xmlNamespace;
    }

    public @Nullable String xmlPrefix() {
        return xmlPrefix;
    }

    /** The member that is the whole HTTP body, null where the body is a document of all BODY members. */
    public @Nullable Member payload() {
        return payload;
    }

    /** How the error is told on the wire, null for what is no error. */
    public @Nullable ErrorTrait error() {
        return error;
    }

    /**
     * An error's facts.
     *
     * @param code the code on the wire, e.g. {@code NoSuchBucket}; may differ from the shape's name
     * @param queryCode the code clients of the query-compatible mode see; null where it is the same
     * @param status the HTTP status
     * @param sender whether the caller is at fault
     */
    public record ErrorTrait(String code, @Nullable String queryCode, int status, boolean sender) {}
}
