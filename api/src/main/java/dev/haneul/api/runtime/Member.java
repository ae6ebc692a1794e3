package dev.haneul.api.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A member of a structure, or the element of a list, or the key or value of a map: a name, where and how it travels,
 * and the shape of its values (looked up when first needed, for shapes may be recursive).
 */
public final class Member {
    /** Yes-or-no traits of a member. */
    public enum Flag {
        REQUIRED,
        /** The list or map is written without a wrapping element (XML, Query). */
        FLATTENED,
        /** Written as an XML attribute of its parent. */
        XML_ATTRIBUTE,
        /** The server fills it in where the client sent none. */
        IDEMPOTENCY_TOKEN,
        /** Part of the host name. */
        HOST_LABEL,
        /** A member of an event that is its payload. */
        EVENT_PAYLOAD,
        /** A member of an event that travels as a header. */
        EVENT_HEADER,
        /** A JSON value sent base64-encoded in a header. */
        JSON_VALUE,
        /** The member of the request that names the resource of the context parameter. */
        CONTEXT_PARAM,
        /** The list must not hold a value twice. */
        UNIQUE_ITEMS
    }

    private final String name;
    private final int index;
    private final ShapeTable table;
    private final int target;
    private Location location = Location.BODY;
    private String wireName;
    private @Nullable String xmlName;
    private @Nullable String ec2Name;
    private @Nullable String xmlNamespace;
    private @Nullable String xmlPrefix;
    private @Nullable TimestampFormat timestampFormat;
    private @Nullable String mediaType;
    private @Nullable Object defaultValue;
    private int flags;
    private volatile @Nullable Shape shape;

    /**
     * A member.
     *
     * @param name its name in the model, which is its wire name until {@link #wire} says otherwise
     * @param index its slot in the struct; 0 for elements, keys and values
     * @param table where its shape is found
     * @param target the index of its shape in the table
     */
    public Member(String name, int index, ShapeTable table, int target) {
        this.name = name;
        this.index = index;
        this.table = table;
        this.target = target;
        this.wireName = name;
    }

    /** While building: travels at this place under this name. */
    public Member at(Location place, String wire) {
        location = place;
        wireName = wire;
        return this;
    }

    /** While building: the name on the wire in the body. */
    public Member wire(String wire) {
        wireName = wire;
        return this;
    }

    /** While building: the name in XML and Query of a service that speaks JSON or CBOR too (SQS, CloudWatch). */
    public Member xml(String wire) {
        xmlName = wire;
        return this;
    }

    /** While building: the name in the EC2 query protocol. */
    public Member ec2(String wire) {
        ec2Name = wire;
        return this;
    }

    /** While building: the XML namespace and its prefix (null for the default namespace). */
    public Member namespace(String uri, @Nullable String prefix) {
        xmlNamespace = uri;
        xmlPrefix = prefix;
        return this;
    }

    /** While building: the timestamp format that goes before the shape's own and the protocol's. */
    public Member format(TimestampFormat format) {
        timestampFormat = format;
        return this;
    }

    /** While building: the media type of a blob or string. */
    public Member media(String type) {
        mediaType = type;
        return this;
    }

    /** While building: the value that stands where none is set; of the shape's Java type, immutable. */
    public Member defaulting(Object value) {
        defaultValue = value;
        return this;
    }

    /** While building: sets flags. */
    public Member with(Flag... more) {
        for (Flag flag : more) {
            flags |= bit(flag);
        }
        return this;
    }

    public String name() {
        return name;
    }

    public int index() {
        return index;
    }

    public Location location() {
        return location;
    }

    /**
     * The header, query, URI label, JSON or XML name. The wire name of a PAYLOAD structure is the XML root element it
     * travels under.
     */
    public String wireName() {
        return wireName;
    }

    /** The element's name in XML, and the parameter's in Query: the wire name, unless the model has another for them. */
    public String xmlName() {
        return xmlName == null ? wireName : xmlName;
    }

    /** The name in the EC2 query protocol, null where the model leaves it to the protocol's rule. */
    public @Nullable String ec2Name() {
        return ec2Name;
    }

    public @Nullable String xmlNamespace() {
        return xmlNamespace;
    }

    public @Nullable String xmlPrefix() {
        return xmlPrefix;
    }

    /** The format of a timestamp member: its own, else its shape's, else null (the protocol's default). */
    public @Nullable TimestampFormat timestampFormat() {
        if (timestampFormat != null) {
            return timestampFormat;
        }
        return shape() instanceof SimpleShape simple ? simple.timestampFormat() : null;
    }

    /** The media type of a blob or string, null where the model names none. */
    public @Nullable String mediaType() {
        return mediaType;
    }

    /** The value that stands where none is set, null for none. */
    public @Nullable Object defaultValue() {
        return defaultValue;
    }

    public boolean is(Flag flag) {
        return (flags & bit(flag)) != 0;
    }

    public boolean required() {
        return is(Flag.REQUIRED);
    }

    @SuppressWarnings("EnumOrdinal") // a set of flags in one int: there are tens of thousands of members
    private static int bit(Flag flag) {
        return 1 << flag.ordinal();
    }

    /** The shape of the values. */
    public Shape shape() {
        Shape found = shape;
        if (found == null) {
            found = table.at(target);
            shape = found;
        }
        return found;
    }

    @Override
    public String toString() {
        return name + "@" + location;
    }
}
