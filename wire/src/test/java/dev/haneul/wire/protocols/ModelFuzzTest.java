package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.wire.validation.InputValidator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls of the region's real operations, as random values of their models, broken here and there: each is decoded and
 * validated, or refused as the client's fault. Ten thousand for each protocol, over all services that speak it.
 */
class ModelFuzzTest {
    private static final int REQUESTS = 10_000;
    private static final int DEPTH = 4;
    private static final Pattern LABEL = Pattern.compile("\\{[^}]+}");
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "my-name",
            "true",
            "7",
            "-1",
            "2026-01-15T10:00:00Z",
            "arn:aws:iam::1:role/r",
            "<&>",
            "\ud55c\uae00");
    private static final byte[] ODD = "<>&{}[]\"':,.=%0123456789-eE\\/!\0\u00ff".getBytes(StandardCharsets.ISO_8859_1);

    private final InputValidator validator = new InputValidator();

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void brokenCallsAreTheClientsFault(Protocol protocol) {
        Random random = new Random(20_260_115 + protocol.ordinal());
        List<ServiceShape> speaking = Catalog.SERVICES.stream()
                .filter(service -> service.facts().speaks(protocol))
                .toList();
        ProtocolCodec codec = ProtocolCodecs.of(protocol);
        int decoded = 0;
        for (int i = 0; i < REQUESTS; i++) {
            ServiceShape service = speaking.get(random.nextInt(speaking.size()));
            OperationShape operation =
                    service.operation(random.nextInt(service.operations().size()));
            WireRequest request = request(operation, codec, random);
            try {
                validator.check(operation, codec.decode(operation, request));
                decoded++;
            } catch (Fault fault) {
                decoded += fault.code().contains("Validation") ? 1 : 0;
                assertThat(fault.status())
                        .as("%s %d: %s", operation, i, fault.message())
                        .isBetween(400, 499);
            } catch (RuntimeException | StackOverflowError bug) {
                throw new AssertionError(operation + " " + i + " in " + protocol, bug);
            }
        }
        // Most breaks are in values, so a good part gets through the codec: the test is not about gibberish.
        assertThat(decoded).isGreaterThan(REQUESTS / 10);
    }

    private static WireRequest request(OperationShape operation, ProtocolCodec codec, Random random) {
        byte[] body = broken(body(operation, codec, random), random);
        String uri = operation.uri();
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        String query = question < 0 ? "" : uri.substring(question + 1);
        Headers headers = new Headers().add("Content-Type", contentType(codec.protocol()));
        return new WireRequest(
                operation.method(), filled(path, random), QueryString.parse(query), headers, Body.of(body));
    }

    private static String contentType(Protocol protocol) {
        return protocol == Protocol.REST_JSON_1 ? "application/json" : "application/xml";
    }

    private static String filled(String path, Random random) {
        Matcher labels = LABEL.matcher(path);
        return labels.replaceAll(label ->
                Matcher.quoteReplacement(Percent.encode("x" + TEXTS.get(random.nextInt(TEXTS.size())), false)));
    }

    private static byte[] body(OperationShape operation, ProtocolCodec codec, Random random) {
        Struct input = struct(operation.inputShape(), DEPTH, random);
        Protocol protocol = codec.protocol();
        if (protocol == Protocol.AWS_QUERY || protocol == Protocol.EC2_QUERY) {
            return TestForms.of(input, protocol == Protocol.EC2_QUERY).getBytes(StandardCharsets.UTF_8);
        }
        OperationShape mirror = new OperationShape(
                operation.service(),
                operation.index(),
                operation.name(),
                "POST",
                "/",
                200,
                null,
                operation.input(),
                operation.input(),
                new int[0],
                null,
                null,
                operation.traits());
        WireResponse written = codec.encode(mirror, input, "id");
        return written.payload() instanceof WireResponse.Bytes bytes ? bytes.content() : new byte[0];
    }

    private static Struct struct(StructShape shape, int depth, Random random) {
        Struct made = shape.create();
        int size = shape.members().size();
        // A few members of many: the largest inputs have hundreds.
        int some = size <= 6 ? size : 2 + random.nextInt(8);
        for (int i = 0; i < some && size > 0; i++) {
            Member member = shape.member(size <= 6 ? i : random.nextInt(size));
            made.set(member.index(), value(member, depth, random));
        }
        return made;
    }

    private static Object value(Member member, int depth, Random random) {
        return switch (member.shape()) {
            case StructShape inner ->
                depth <= 0 || inner.kind() != Kind.STRUCTURE ? null : struct(inner, depth - 1, random);
            case ListShape list -> {
                List<Object> elements = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    Object element = value(list.element(), depth - 1, random);
                    if (element != null) {
                        elements.add(element);
                    }
                }
                yield elements;
            }
            case MapShape map -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                Object entry = value(map.value(), depth - 1, random);
                if (entry != null) {
                    entries.put("k" + random.nextInt(3), entry);
                }
                yield entries;
            }
            default -> scalar(member, random);
        };
    }

    private static Object scalar(Member member, Random random) {
        return switch (member.shape().kind()) {
            case BLOB -> new byte[random.nextInt(9)];
            case BOOLEAN -> random.nextBoolean();
            case BYTE -> (byte) random.nextInt();
            case SHORT -> (short) random.nextInt();
            case INTEGER -> random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(100);
            case LONG -> random.nextInt(4) == 0 ? random.nextLong() : (long) random.nextInt(100);
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextGaussian();
            case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
            case TIMESTAMP -> Instant.ofEpochSecond(random.nextInt());
            default -> null;
        };
    }

    /** Up to three bytes changed, or the rest cut off; one in eight stays whole. */
    private static byte[] broken(byte[] whole, Random random) {
        byte[] body = whole;
        for (int i = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(3); i > 0 && body.length > 0; i--) {
            int at = random.nextInt(body.length);
            switch (random.nextInt(8)) {
                case 0 -> body[at] = (byte) random.nextInt();
                case 1 -> body = Arrays.copyOf(body, at);
                default -> body[at] = ODD[random.nextInt(ODD.length)];
            }
        }
        return body;
    }
}
