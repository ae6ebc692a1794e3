package dev.haneul.services.cloudtrail.record;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A request or an answer as an event may show it: secrets replaced, blobs and streams left out, at most 100 KB. A secret
 * is what the model marks as sensitive, and what its name or place says is one.
 */
public final class Redacted {
    /** What stands in a secret's place. */
    public static final String HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

    /** Larger ones are left out of the event. */
    public static final int MOST_BYTES = 100 * 1024;

    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("MMM d, yyyy h:mm:ss a", Locale.US).withZone(ZoneOffset.UTC);
    private static final List<String> SECRET_WORDS = List.of(
            "password",
            "secretaccesskey",
            "secretkey",
            "secretstring",
            "secrethash",
            "clientsecret",
            "sessiontoken",
            "plaintext",
            "privatekey",
            "samlassertion",
            "webidentitytoken",
            "authorizationtoken",
            "accesstoken",
            "refreshtoken",
            "tokencode",
            "userdata",
            "authenticationcode",
            "ssecustomerkey");
    /** Members that are secrets in one service only. */
    private static final Set<String> SECRET_PLACES = Set.of("ssm.Value", "ssm.value");

    private static final TooLarge TOO_LARGE = new TooLarge();

    private final String service;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out);

    private Redacted(String service) {
        this.service = service;
    }

    /** The JSON object of a struct; null where it shows nothing or is too large. */
    public static byte @Nullable [] json(String service, Struct struct) {
        Redacted writer = new Redacted(service);
        try (JsonGenerator json = writer.json) {
            writer.writeStruct(struct);
            json.flush();
        } catch (TooLarge e) {
            return null;
        }
        return writer.out.size() <= 2 || writer.out.size() > MOST_BYTES ? null : writer.out.toByteArray();
    }

    private void writeStruct(Struct struct) {
        json.writeStartObject();
        for (Member member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (value != null && shown(member.shape())) {
                json.writeName(name(member.name()));
                writeMember(member, value);
            }
        }
        json.writeEndObject();
        json.flush();
        if (out.size() > MOST_BYTES) {
            throw TOO_LARGE;
        }
    }

    private static boolean shown(Shape shape) {
        return switch (shape.kind()) {
            case BLOB, STREAM, EVENT_STREAM -> false;
            default -> true;
        };
    }

    private void writeMember(Member member, Object value) {
        if (member.shape().constraints().sensitive() || isSecret(member, value)) {
            json.writeString(HIDDEN);
        } else {
            write(member.shape(), value);
        }
    }

    private boolean isSecret(Member member, Object value) {
        if (!(value instanceof String)) {
            return false;
        }
        if (SECRET_PLACES.contains(service + "." + member.name())) {
            return true;
        }
        String bare = member.name().toLowerCase(Locale.ROOT);
        return SECRET_WORDS.stream().anyMatch(bare::contains);
    }

    private void write(Shape shape, Object value) {
        if (shape.constraints().sensitive()) {
            json.writeString(HIDDEN);
            return;
        }
        switch (value) {
            case Struct struct -> writeStruct(struct);
            case List<?> list -> writeList(shape, list);
            case Map<?, ?> map -> writeMap(shape, map);
            case Boolean flag -> json.writeBoolean(flag);
            case Number number -> json.writeNumber(number.toString());
            case Instant moment -> json.writeString(TIME.format(moment));
            case String text -> {
                if (text.length() > MOST_BYTES) {
                    throw TOO_LARGE;
                }
                json.writeString(text);
            }
            default -> json.writeNull();
        }
    }

    private void writeList(Shape shape, List<?> list) {
        json.writeStartArray();
        for (Object each : list) {
            if (each == null || !(shape instanceof ListShape known)) {
                json.writeNull();
            } else if (shown(known.element().shape())) {
                write(known.element().shape(), each);
            }
        }
        json.writeEndArray();
    }

    private void writeMap(Shape shape, Map<?, ?> map) {
        json.writeStartObject();
        map.forEach((key, each) -> {
            json.writeName(String.valueOf(key));
            if (each == null
                    || !(shape instanceof MapShape known)
                    || known.value().shape().kind() == Kind.BLOB) {
                json.writeNull();
            } else {
                write(known.value().shape(), each);
            }
        });
        json.writeEndObject();
    }

    /** A member's name in an event: its first letter small, S3's as S3 tells them. */
    private String name(String member) {
        if (service.equals("s3") && member.equals("Bucket")) {
            return "bucketName";
        }
        return Character.toLowerCase(member.charAt(0)) + member.substring(1);
    }

    /** Stops the writing of what would not be kept. */
    private static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLarge() {
            super("more than an event may show", null, false, false);
        }
    }
}
