package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Hostile bytes become a fault or a value, never anything else. */
class FuzzPropertyTest {
    @Property(tries = 3000, seed = "2")
    void randomAndMutatedBodiesNeverThrowAnythingButFaults(@ForAll long seed, @ForAll Protocol protocol) {
        RandomSchema schema = new RandomSchema(seed, protocol);
        Random random = new Random(seed);
        byte[] body = random.nextInt(4) == 0 ? garbage(random) : mutated(schema, protocol, random);
        Headers headers = new Headers().add("Content-Type", "application/json");
        WireRequest request = new WireRequest("POST", "/op", QueryString.EMPTY, headers, Body.of(body));
        try {
            assertThat(ProtocolCodecs.of(protocol).decode(schema.operation(), request))
                    .isNotNull();
        } catch (Fault fault) {
            assertThat(fault.status()).isBetween(400, 499);
        }
    }

    @Property(tries = 500, seed = "3")
    void randomEventMessagesNeverThrowAnythingButMalformed(@ForAll byte[] bytes) throws IOException {
        try {
            EventMessage.read(new ByteArrayInputStream(bytes));
        } catch (Malformed e) {
            assertThat(e.message()).isNotEmpty();
        }
    }

    @Property(tries = 500, seed = "4")
    void randomUrisNeverThrowAnythingButFaults(@ForAll String text) {
        try {
            QueryString.parse(text);
            new UriTemplate("/{A}/{B+}/c").labels(UriTemplate.split("/" + text + "/b/c"));
        } catch (Fault fault) {
            assertThat(fault.code()).isEqualTo("InvalidURI");
        }
    }

    private static byte[] garbage(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A valid body with a few bytes changed, cut out or repeated. */
    private static byte[] mutated(RandomSchema schema, Protocol protocol, Random random) {
        Struct value = schema.value();
        byte[] body = switch (protocol) {
            case AWS_QUERY, EC2_QUERY ->
                TestForms.of(value, protocol == Protocol.EC2_QUERY).getBytes(StandardCharsets.UTF_8);
            default ->
                ((WireResponse.Bytes) ProtocolCodecs.of(protocol)
                                .encode(schema.operation(), value, "id")
                                .payload())
                        .content();
        };
        for (int i = 1 + random.nextInt(4); i > 0 && body.length > 1; i--) {
            int at = random.nextInt(body.length);
            switch (random.nextInt(3)) {
                case 0 -> body[at] = (byte) random.nextInt();
                case 1 -> body = Arrays.copyOf(body, at);
                default -> body[at] = (byte) "<>&{}[]\"':,.=%0123456789-eE\\/!".charAt(random.nextInt(30));
            }
        }
        return body;
    }
}
