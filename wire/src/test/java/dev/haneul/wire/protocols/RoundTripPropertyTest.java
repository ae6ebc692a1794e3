package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.Struct;
import dev.haneul.wire.protocols.smithy.Values;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What a codec writes it reads back as the same value, whatever the schema. */
class RoundTripPropertyTest {
    @Property(tries = 2000, seed = "1")
    void aValueSurvivesEveryProtocol(@ForAll long seed, @ForAll Protocol protocol) {
        RandomSchema schema = new RandomSchema(seed, protocol);
        Struct value = schema.value();
        ProtocolCodec codec = ProtocolCodecs.of(protocol);
        byte[] body = switch (protocol) {
            case AWS_QUERY -> TestForms.of(value, false).getBytes(StandardCharsets.UTF_8);
            case EC2_QUERY -> TestForms.of(value, true).getBytes(StandardCharsets.UTF_8);
            default ->
                ((WireResponse.Bytes)
                                codec.encode(schema.operation(), value, "id").payload())
                        .content();
        };
        Headers headers = new Headers().add("Content-Type", "application/json");
        WireRequest request = new WireRequest("POST", "/op", QueryString.EMPTY, headers, Body.of(body));
        Struct read = codec.decode(schema.operation(), request);
        assertThat(Values.tree(read))
                .as(() -> new String(body, StandardCharsets.UTF_8))
                .isEqualTo(Values.tree(value));
    }
}
