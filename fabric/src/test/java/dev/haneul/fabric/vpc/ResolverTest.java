package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class ResolverTest {
    private static final Path NOWHERE = Path.of("/nonexistent");
    private static final List<String> MANY =
            IntStream.range(1, 200).mapToObj(i -> "10.0.0." + i).toList();
    private static final Vpc VPC = new Vpc(
            "vpc-1",
            List.of(Cidr.parse("10.0.0.0/16")),
            true,
            Map.of(
                    "db.internal", List.of("10.0.0.9", "2001:db8::9"),
                    "*.example.com", List.of("10.0.0.1"),
                    "*.deep.example.com", List.of("10.0.0.2"),
                    "one.example.com", List.of("10.0.0.3"),
                    "many.internal", MANY));
    private final Resolver resolver = new Resolver(NOWHERE, NOWHERE, 53);

    private Message ask(String name, int type, boolean overTcp) throws IOException {
        var query = Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
        return new Message(Objects.requireNonNull(resolver.answer(VPC, query.toWire(), overTcp)));
    }

    private List<String> answers(String name, int type) throws IOException {
        return ask(name, type, false).getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    @Test
    void theNearestNameWins() throws IOException {
        assertThat(answers("one.example.com.", Type.A)).containsExactly("10.0.0.3");
        assertThat(answers("two.EXAMPLE.com.", Type.A)).containsExactly("10.0.0.1");
        assertThat(answers("a.b.deep.example.com.", Type.A)).containsExactly("10.0.0.2");
        assertThat(answers("db.internal.", Type.AAAA)).containsExactly("2001:db8:0:0:0:0:0:9");
        assertThat(ask("example.com.", Type.A, false).getRcode())
                .as("nobody to ask")
                .isEqualTo(Rcode.SERVFAIL);
    }

    @Test
    void namesOfAddresses() throws IOException {
        assertThat(answers("9.0.0.10.in-addr.arpa.", Type.PTR)).containsExactly("db.internal.");
        assertThat(ask("250.9.0.10.in-addr.arpa.", Type.PTR, false).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(ask("1.2.0.192.in-addr.arpa.", Type.PTR, false).getRcode()).isEqualTo(Rcode.SERVFAIL);
    }

    @Test
    void whatIsTooLongForADatagramIsCutAndSaysSo() throws IOException {
        assertThat(ask("many.internal.", Type.A, false).getHeader().getFlag(Flags.TC))
                .isTrue();
        var whole = ask("many.internal.", Type.A, true);
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(whole.getSection(Section.ANSWER)).hasSize(MANY.size());
    }

    @Test
    void onlyQuestionsAreAnswered() throws IOException {
        var query = Message.newQuery(Record.newRecord(Name.fromString("db.internal."), Type.A, DClass.IN));
        query.getHeader().setFlag(Flags.QR);
        assertThat(resolver.answer(VPC, query.toWire(), false)).isNull();
        query.getHeader().unsetFlag(Flags.QR);
        query.getHeader().setOpcode(Opcode.UPDATE);
        var answer = new Message(Objects.requireNonNull(resolver.answer(VPC, query.toWire(), false)));
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOTIMP);
    }

    @Property(tries = 3000)
    void bytesOfAnySortDoNoHarm(@ForAll @Size(max = 40) byte[] bytes, @ForAll boolean header) {
        byte[] question = bytes.clone();
        if (header && question.length >= 12) {
            question[2] = 1;
            question[3] = 0;
            question[4] = 0;
            question[5] = 1;
            java.util.Arrays.fill(question, 6, 12, (byte) 0);
        }
        byte[] answer = resolver.answer(VPC, question, false);
        assertThat(answer == null || answer.length >= 12).isTrue();
    }
}
