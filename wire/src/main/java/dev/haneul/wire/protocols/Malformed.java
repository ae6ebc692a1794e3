package dev.haneul.wire.protocols;

/**
 * What decoders throw where bytes do not fit the schema. It never leaves a codec: the codec turns it into the fault
 * of the service's family (SerializationException, MalformedXML, …).
 */
final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Where the malformed value stood. */
    enum Part {
        BODY,
        /** A header, a query parameter or a URI label. */
        PARAMETER
    }

    private final Part part;

    /** The wire name of the parameter, empty for the body. */
    private final String parameter;

    private Malformed(Part part, String parameter, String message) {
        super(message, null, false, false);
        this.part = part;
        this.parameter = parameter;
    }

    /** A value that does not fit, at a place its catcher may know better. */
    Malformed(String message) {
        this(Part.BODY, "", message);
    }

    /** The same, told to stand in that parameter. */
    Malformed in(String wireName) {
        return new Malformed(Part.PARAMETER, wireName, message());
    }

    Part part() {
        return part;
    }

    String parameter() {
        return parameter;
    }

    String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
