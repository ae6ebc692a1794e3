package dev.haneul.api.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error as AWS would tell it: code, HTTP status, message, and the modelled members where the model has some.
 * It is an answer, not an accident, so it carries no stack trace.
 */
public final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final int status;
    private final boolean sender;
    private final transient @Nullable Struct detail;
    private final transient Map<String, String> extras = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    private Fault(String code, int status, boolean sender, String message, @Nullable Struct detail) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
        this.sender = sender;
        this.detail = detail;
    }

    /** A fault the caller is to blame for (4xx). */
    public static Fault client(String code, int status, String message) {
        return new Fault(code, status, true, message, null);
    }

    /** A fault of the service (5xx). */
    public static Fault server(String code, int status, String message) {
        return new Fault(code, status, false, message, null);
    }

    /** A modelled error; its {@code message} or {@code Message} member is set to the message where it has one. */
    public static Fault of(Struct error, String message) {
        StructShape shape = error.shape();
        StructShape.ErrorTrait trait = shape.error();
        if (trait == null) {
            throw new IllegalArgumentException(shape.name() + " is not an error");
        }
        for (Member member : shape.members()) {
            if (member.name().equalsIgnoreCase("message")) {
                error.set(member.index(), message);
            }
        }
        return new Fault(trait.code(), trait.status(), trait.sender(), message, error);
    }

    /** Adds a child element or field to the error body that the model does not list (S3's {@code <BucketName>}). */
    public Fault with(String name, String value) {
        extras.put(name, value);
        return this;
    }

    /** Adds an HTTP header to the error's answer. */
    public Fault header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public String code() {
        return code;
    }

    public int status() {
        return status;
    }

    /** Whether the caller is to blame ({@code <Type>Sender</Type>}). */
    public boolean sender() {
        return sender;
    }

    /** The message; never null. */
    public String message() {
        String message = getMessage();
        return message == null ? "" : message;
    }

    /** The modelled error, null where the fault is none of the operation's declared ones. */
    public @Nullable Struct detail() {
        return detail;
    }

    public Map<String, String> extras() {
        return extras;
    }

    public Map<String, String> headers() {
        return headers;
    }
}
