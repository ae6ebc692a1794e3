package dev.haneul.fabric.vpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.fabric.vpc.NameSource.Answer;
import dev.haneul.fabric.vpc.NameSource.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

    @Test
    void roomsPublishNames() throws IOException {
        publish("lb.elb.example.com", Answer.ofAddresses("lb.elb.example.com", List.of("10.0.0.5", "10.0.0.6")));
        publish(
                "_http.svc.corp",
                entries("corp", new Entry("SRV", 10, "1 2 8080 a.svc.corp"), new Entry("TXT", 10, "\"v=1\"")));
        publish("one.example.com", Answer.ofAddresses("one.example.com", List.of("10.9.9.9")));

        assertThat(answers("LB.elb.example.com.", Type.A))
                .as("before the plan's *")
                .containsExactlyInAnyOrder("10.0.0.5", "10.0.0.6");
        assertThat(answers("_http.svc.corp.", Type.SRV)).containsExactly("1 2 8080 a.svc.corp.");
        assertThat(answers("_http.svc.corp.", Type.TXT)).containsExactly("\"v=1\"");
        assertThat(ask("_http.svc.corp.", Type.A, false).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answers("_http.svc.corp.", Type.A)).isEmpty();
        assertThat(answers("one.example.com.", Type.A))
                .as("after the plan's own")
                .containsExactly("10.0.0.3");
    }

    @Test
    void aZoneDecidesAboutWhatIsBelowItAndTheLongestWins() throws IOException {
        var book = resolver.book();
        book.add((vpc, name) -> name.endsWith(".corp") ? Optional.of(Answer.noSuchName("corp")) : Optional.empty());
        assertThat(ask("x.dev.corp.", Type.A, false).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        publish("x.dev.corp", entries("dev.corp", new Entry("A", 5, "10.1.1.1")));
        assertThat(answers("x.dev.corp.", Type.A)).containsExactly("10.1.1.1");
        book.add((vpc, name) -> {
            throw new IllegalStateException("a source that fails");
        });
        assertThat(answers("x.dev.corp.", Type.A)).containsExactly("10.1.1.1");
    }

    @Test
    void namesLeadToOthers() throws IOException {
        publish("www.corp", entries("corp", new Entry("CNAME", 30, "lb.corp")));
        publish("lb.corp", entries("corp", new Entry(Entry.ALIAS, 0, "db.internal."), new Entry("TXT", 1, "\"t\"")));
        publish("loop.corp", entries("corp", new Entry("CNAME", 30, "loop.corp.")));
        publish("mirror.corp", entries("corp", new Entry(Entry.ALIAS, 30, "mirror.corp")));
        publish("away.corp", entries("corp", new Entry("CNAME", 30, "gone.corp")));
        publish("gone.corp", Answer.noSuchName("corp"));

        assertThat(answers("www.corp.", Type.A)).containsExactly("lb.corp.", "10.0.0.9");
        assertThat(ask("lb.corp.", Type.A, false)
                        .getSection(Section.ANSWER)
                        .getFirst()
                        .getName())
                .as("an alias goes by the name that was asked")
                .hasToString("lb.corp.");
        assertThat(answers("lb.corp.", Type.TXT)).containsExactly("\"t\"");
        assertThat(answers("www.corp.", Type.CNAME)).containsExactly("lb.corp.");
        assertThat(ask("loop.corp.", Type.A, false).getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(ask("mirror.corp.", Type.A, false).getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(ask("away.corp.", Type.A, false).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void aRecordThatCannotBeReadIsLeftOut() throws IOException {
        publish(
                "odd.corp",
                entries(
                        "corp",
                        new Entry("A", 5, "not an address"),
                        new Entry("A", 5, "10.1.1.1"),
                        new Entry("NONSENSE", 5, "x"),
                        new Entry("A", -5, "10.1.1.2")));
        assertThat(answers("odd.corp.", Type.A)).containsExactly("10.1.1.1");
    }

    private void publish(String name, Answer answer) {
        resolver.book().add((vpc, asked) -> asked.equals(name) ? Optional.of(answer) : Optional.empty());
    }

    private static Answer entries(String zone, Entry... entries) {
        return new Answer(zone, true, List.of(entries));
    }

    @Property(tries = 3000, seed = "2026")
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
