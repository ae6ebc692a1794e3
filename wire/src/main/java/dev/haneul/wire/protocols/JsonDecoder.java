package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON → structs, driven by the schema: types are strict as AWS's are, unknown members are skipped, null means unset,
 * of a repeated member the last one counts.
 */
final class JsonDecoder {
    private static final Base64Variant BASE64 = Base64Variants.MIME_NO_LINEFEEDS.withPaddingRequired();

    private final JsonFactory factory = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(WireLimits.MAX_DEPTH * 2)
                    .maxNumberLength(1024)
                    .maxNameLength(64 * 1024)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final ShapeCache<StructShape, Map<String, Member>> names = new ShapeCache<>(shape -> {
        Map<String, Member> byName = new HashMap<>();
        shape.members().forEach(member -> byName.put(JsonNames.of(member), member));
        return byName;
    });

    /**
     * Reads a document into a struct.
     *
     * @throws Malformed where it is no JSON object or does not fit
     * @throws dev.haneul.api.runtime.Fault what reading the bytes throws
     */
    void read(InputStream in, Struct into) {
        parse(in, parser -> {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Malformed("Unexpected token: the body must be a JSON object.");
            }
            new Parse(parser).members(into, 1);
            return into;
        });
    }

    /** Reads a document that is one value of a member's shape; null for JSON's null. */
    @Nullable
    Object read(InputStream in, Member member) {
        return parse(in, parser -> {
            parser.nextToken();
            return new Parse(parser).value(member, 1);
        });
    }

    private interface Reading {
        @Nullable
        Object read(JsonParser parser);
    }

    private @Nullable Object parse(InputStream in, Reading reading) {
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), in)) {
            Object read = reading.read(parser);
            if (parser.nextToken() != null) {
                throw new Malformed("Unexpected token after the end of the body.");
            }
            return read;
        } catch (JacksonIOException e) {
            throw e.getCause() instanceof java.io.CharConversionException
                    ? new Malformed("The body is not valid UTF-8.")
                    : Bodies.broken(e.getCause());
        } catch (NumberFormatException | ArithmeticException e) {
            throw new Malformed("A number is out of range.");
        } catch (JacksonException e) {
            throw new Malformed("The body is not valid JSON.");
        }
    }

    /** One document being read. Each method starts on the first token of its value and ends on the last. */
    private final class Parse {
        private final JsonParser parser;

        Parse(JsonParser parser) {
            this.parser = parser;
        }

        void members(Struct into, int depth) {
            bound(depth);
            StructShape shape = into.shape();
            Map<String, Member> known = names.of(shape);
            boolean union = shape.kind() == Kind.UNION;
            int strangers = 0;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                Member member = known.get(name);
                JsonToken token = parser.nextToken();
                if (member != null) {
                    into.set(member.index(), value(member, depth + 1));
                } else {
                    strangers += token == JsonToken.VALUE_NULL || name.equals("__type") ? 0 : 1;
                    parser.skipChildren();
                }
            }
            Defaults.fill(into);
            if (union) {
                if (strangers > 0) {
                    throw new Malformed("Unions must not have unknown members set.");
                }
                Unions.check(into);
            }
        }

        @Nullable
        Object value(Member member, int depth) {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_NULL) {
                return null;
            }
            return switch (member.shape()) {
                case StructShape struct -> structure(struct, token, depth);
                case ListShape list -> list(list, token, depth);
                case MapShape map -> map(map, token, depth);
                default -> simple(member, token, depth);
            };
        }

        private Struct structure(StructShape shape, @Nullable JsonToken token, int depth) {
            if (token != JsonToken.START_OBJECT) {
                throw unexpected(token, "structure");
            }
            Struct made = shape.create();
            members(made, depth);
            return made;
        }

        private List<@Nullable Object> list(ListShape shape, @Nullable JsonToken token, int depth) {
            if (token != JsonToken.START_ARRAY) {
                throw new Malformed("Expected list or null");
            }
            bound(depth);
            List<@Nullable Object> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Object element = value(shape.element(), depth + 1);
                if (element == null
                        && !shape.sparse()
                        && shape.element().shape().kind() != Kind.DOCUMENT) {
                    throw new Malformed("Lists must not hold null.");
                }
                elements.add(element);
            }
            return elements;
        }

        private Map<String, @Nullable Object> map(MapShape shape, @Nullable JsonToken token, int depth) {
            if (token != JsonToken.START_OBJECT) {
                throw new Malformed("Expected map or null");
            }
            bound(depth);
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                Object value = value(shape.value(), depth + 1);
                if (value == null && !shape.sparse() && shape.value().shape().kind() != Kind.DOCUMENT) {
                    throw new Malformed("Maps must not hold null.");
                }
                entries.put(key, value);
            }
            return entries;
        }

        private @Nullable Object simple(Member member, @Nullable JsonToken token, int depth) {
            Kind kind = member.shape().kind();
            return switch (kind) {
                case STRING -> string(token);
                case BOOLEAN -> bool(token);
                case BYTE -> (byte) integer(token, kind, Byte.MIN_VALUE, Byte.MAX_VALUE);
                case SHORT -> (short) integer(token, kind, Short.MIN_VALUE, Short.MAX_VALUE);
                case INTEGER -> (int) integer(token, kind, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case LONG -> integer(token, kind, Long.MIN_VALUE, Long.MAX_VALUE);
                case FLOAT -> (float) decimal(token, kind);
                case DOUBLE -> decimal(token, kind);
                case BIG_INTEGER -> bigInteger(token);
                case BIG_DECIMAL -> bigDecimal(token);
                case BLOB -> blob(token);
                case TIMESTAMP -> timestamp(member, token);
                case DOCUMENT -> document(token, depth);
                default -> throw new Malformed("Unexpected field type");
            };
        }

        private String string(@Nullable JsonToken token) {
            if (token != JsonToken.VALUE_STRING) {
                throw unexpected(token, "String");
            }
            return parser.getString();
        }

        private Boolean bool(@Nullable JsonToken token) {
            if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                throw unexpected(token, "Boolean");
            }
            return token == JsonToken.VALUE_TRUE;
        }

        private long integer(@Nullable JsonToken token, Kind kind, long min, long max) {
            if (token != JsonToken.VALUE_NUMBER_INT) {
                throw unexpected(token, SimpleText.javaName(kind));
            }
            boolean fits = switch (parser.getNumberType()) {
                case INT, LONG -> parser.getLongValue() >= min && parser.getLongValue() <= max;
                default -> false;
            };
            if (!fits) {
                throw new Malformed("NUMBER_VALUE is out of range of " + SimpleText.javaName(kind));
            }
            return parser.getLongValue();
        }

        private double decimal(@Nullable JsonToken token, Kind kind) {
            if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                return parser.getDoubleValue();
            }
            if (token == JsonToken.VALUE_STRING) {
                switch (parser.getString()) {
                    case "NaN" -> {
                        return Double.NaN;
                    }
                    case "Infinity" -> {
                        return Double.POSITIVE_INFINITY;
                    }
                    case "-Infinity" -> {
                        return Double.NEGATIVE_INFINITY;
                    }
                    default -> throw unexpected(token, SimpleText.javaName(kind));
                }
            }
            throw unexpected(token, SimpleText.javaName(kind));
        }

        private BigInteger bigInteger(@Nullable JsonToken token) {
            if (token != JsonToken.VALUE_NUMBER_INT) {
                throw unexpected(token, "BigInteger");
            }
            return parser.getBigIntegerValue();
        }

        private BigDecimal bigDecimal(@Nullable JsonToken token) {
            if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
                throw unexpected(token, "BigDecimal");
            }
            return parser.getDecimalValue();
        }

        private byte[] blob(@Nullable JsonToken token) {
            if (token != JsonToken.VALUE_STRING) {
                throw unexpected(token, "ByteBuffer");
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                parser.readBinaryValue(BASE64, out);
            } catch (IllegalArgumentException e) {
                throw new Malformed("Invalid base64.");
            }
            return out.toByteArray();
        }

        private Object timestamp(Member member, @Nullable JsonToken token) {
            TimestampFormat own = member.timestampFormat();
            if (own == null || own == TimestampFormat.EPOCH_SECONDS) {
                if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                    return Timestamps.ofSeconds(parser.getDecimalValue());
                }
                throw unexpected(token, "timestamp");
            }
            if (token != JsonToken.VALUE_STRING) {
                throw unexpected(token, "timestamp");
            }
            return Timestamps.parse(own, parser.getString(), false);
        }

        private @Nullable Object document(@Nullable JsonToken token, int depth) {
            bound(depth);
            return switch (token) {
                case START_OBJECT -> {
                    Map<String, @Nullable Object> entries = new LinkedHashMap<>();
                    while (parser.nextToken() != JsonToken.END_OBJECT) {
                        String key = parser.currentName();
                        entries.put(key, document(parser.nextToken(), depth + 1));
                    }
                    yield entries;
                }
                case START_ARRAY -> {
                    List<@Nullable Object> elements = new ArrayList<>();
                    for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                        elements.add(document(next, depth + 1));
                    }
                    yield elements;
                }
                case VALUE_STRING -> parser.getString();
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_NUMBER_INT -> wholeNumber();
                case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
                case VALUE_NULL -> null;
                case null, default -> throw unexpected(token, "document");
            };
        }

        private Number wholeNumber() {
            return switch (parser.getNumberType()) {
                case INT, LONG -> parser.getLongValue();
                default -> parser.getBigIntegerValue();
            };
        }

        private Malformed unexpected(@Nullable JsonToken token, String wanted) {
            return new Malformed(
                    switch (token) {
                        case VALUE_STRING -> "STRING_VALUE cannot be converted to " + wanted;
                        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "NUMBER_VALUE cannot be converted to " + wanted;
                        case VALUE_TRUE -> "TRUE_VALUE cannot be converted to " + wanted;
                        case VALUE_FALSE -> "FALSE_VALUE cannot be converted to " + wanted;
                        case START_OBJECT -> "Start of structure or map found where not expected.";
                        case START_ARRAY -> "Start of list found where not expected";
                        case null, default -> "Unexpected end of the body";
                    });
        }

        private void bound(int depth) {
            if (depth > WireLimits.MAX_DEPTH) {
                throw new Malformed("The JSON is nested too deeply.");
            }
        }
    }
}
