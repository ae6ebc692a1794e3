package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NameSource.Answer;
import dev.haneul.fabric.vpc.NameSource.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Answers name questions as a VPC's resolver does: from the names of the plan, then from what rooms publish, then from
 * the plan's names with {@code *}, then from the host's file of hosts, then by asking the host's own resolver.
 */
final class Resolver {
    private static final int TTL_SECONDS = 60;
    private static final int MOST_LINKS = 8;
    private static final int MOST_BYTES = 65_535;
    private static final int PLAIN_UDP_BYTES = 512;
    private static final int DNS_PORT = 53;
    private static final Set<Integer> ADDRESSES = Set.of(Type.A, Type.AAAA, Type.ANY);

    private final Path hosts;
    private final Upstream upstream;
    private final NameBook book = new NameBook();

    Resolver() {
        this(Path.of("/etc/hosts"), Path.of("/etc/resolv.conf"), DNS_PORT);
    }

    /**
     * @param hosts a file as {@code /etc/hosts}
     * @param configuration a file as {@code /etc/resolv.conf}
     * @param port of the servers named there
     */
    Resolver(Path hosts, Path configuration, int port) {
        this.hosts = hosts;
        this.upstream = new Upstream(configuration, port);
    }

    /** What rooms publish. */
    NameBook book() {
        return book;
    }

    /**
     * Answers a question; blocks where the host's resolver must be asked.
     *
     * @param vpc whose names; null for none
     * @param overTcp whether answers may be long
     * @return null where the bytes are no question
     */
    byte @Nullable [] answer(@Nullable Vpc vpc, byte[] question, boolean overTcp) {
        Message query;
        try {
            query = new Message(question);
        } catch (IOException e) {
            return null;
        }
        var asked = query.getQuestion();
        if (query.getHeader().getFlag(Flags.QR) || asked == null) {
            return null;
        }
        if (query.getHeader().getOpcode() != Opcode.QUERY || asked.getDClass() != DClass.IN) {
            return error(query, Rcode.NOTIMP);
        }
        var answer = respond(query, Rcode.NOERROR);
        var known = resolve(vpc, asked.getName(), asked.getType(), answer, overTcp, 0);
        if (known == Known.YES) {
            return wire(query, answer, overTcp);
        }
        byte[] forwarded = known == Known.FAILED
                ? null
                : upstream.ask(question, query.getHeader().getID(), overTcp);
        return forwarded == null ? error(query, Rcode.SERVFAIL) : forwarded;
    }

    /** What became of a question here. */
    private enum Known {
        YES,
        /** Others may know. */
        NO,
        FAILED
    }

    /**
     * Puts what is known of a name into an answer, its code too.
     *
     * @param links names that led here
     */
    private Known resolve(@Nullable Vpc vpc, Name name, int type, Message answer, boolean overTcp, int links) {
        String text = name.toString(true).toLowerCase(Locale.ROOT);
        var own = vpc == null || type != Type.PTR ? null : nameOf(vpc, text);
        if (own != null) {
            var target = Name.fromConstantString(own + ".");
            answer.addRecord(new PTRRecord(name, DClass.IN, TTL_SECONDS, target), Section.ANSWER);
            return Known.YES;
        }
        var planned = vpc == null ? null : vpc.names().get(text);
        if (planned != null) {
            planned.forEach(each -> addAddress(answer, name, type, each));
            return Known.YES;
        }
        var published = book.find(vpc == null ? null : vpc.id(), text);
        if (published.isPresent()) {
            return publish(vpc, name, type, published.get(), answer, overTcp, links);
        }
        if (vpc != null && type == Type.PTR && ownAddress(vpc, text)) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
            return Known.YES;
        }
        var addresses = vpc == null ? null : wild(vpc.names(), text);
        if (addresses == null) {
            addresses = fromHosts(text);
        }
        if (addresses == null) {
            return Known.NO;
        }
        addresses.forEach(each -> addAddress(answer, name, type, each));
        return Known.YES;
    }

    private Known publish(
            @Nullable Vpc vpc, Name name, int type, Answer found, Message answer, boolean overTcp, int links) {
        if (!found.exists()) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
            return Known.YES;
        }
        for (var entry : found.entries()) {
            boolean alias = entry.type().equals(Entry.ALIAS);
            boolean canonical = entry.type().equals("CNAME") && type != Type.CNAME && type != Type.ANY;
            if (canonical) {
                var link = record(name, entry);
                if (link == null || links == MOST_LINKS) {
                    return Known.FAILED;
                }
                answer.addRecord(link, Section.ANSWER);
                return follow(vpc, ((CNAMERecord) link).getTarget(), type, answer, overTcp, links + 1);
            }
            if (alias && ADDRESSES.contains(type)) {
                if (links == MOST_LINKS) {
                    return Known.FAILED;
                }
                var aside = new Message();
                if (follow(vpc, whole(entry.data()), type, aside, overTcp, links + 1) == Known.FAILED) {
                    return Known.FAILED;
                }
                aside.getSection(Section.ANSWER).stream()
                        .filter(each -> ADDRESSES.contains(each.getType()))
                        .forEach(each -> answer.addRecord(renamed(each, name), Section.ANSWER));
            } else if (!alias && (type == Type.ANY || type == Type.value(entry.type()))) {
                var each = record(name, entry);
                if (each != null) {
                    answer.addRecord(each, Section.ANSWER);
                }
            }
        }
        return Known.YES;
    }

    /** Resolves the name another one leads to, wherever it is known. */
    private Known follow(
            @Nullable Vpc vpc, @Nullable Name target, int type, Message answer, boolean overTcp, int links) {
        if (target == null) {
            return Known.FAILED;
        }
        var known = resolve(vpc, target, type, answer, overTcp, links);
        if (known != Known.NO) {
            return known;
        }
        var question = Message.newQuery(Record.newRecord(target, type, DClass.IN));
        byte[] reply = upstream.ask(question.toWire(), question.getHeader().getID(), overTcp);
        if (reply == null) {
            return Known.FAILED;
        }
        try {
            var told = new Message(reply);
            told.getSection(Section.ANSWER).forEach(each -> answer.addRecord(each, Section.ANSWER));
            answer.getHeader().setRcode(told.getRcode());
            return Known.YES;
        } catch (IOException e) {
            return Known.FAILED;
        }
    }

    private static @Nullable Record record(Name name, Entry entry) {
        try {
            int type = Type.value(entry.type());
            return type < 0
                    ? null
                    : Record.fromString(name, type, DClass.IN, entry.ttlSeconds(), entry.data(), Name.root);
        } catch (IOException | RuntimeException e) {
            return null; // the docstring of Entry says so
        }
    }

    private static Record renamed(Record record, Name name) {
        return record instanceof AAAARecord six
                ? new AAAARecord(name, DClass.IN, six.getTTL(), six.getAddress())
                : new ARecord(name, DClass.IN, record.getTTL(), ((ARecord) record).getAddress());
    }

    private static @Nullable Name whole(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (IOException e) {
            return null;
        }
    }

    private static void addAddress(Message answer, Name name, int type, String text) {
        var address = InetAddress.ofLiteral(text);
        boolean v4 = address.getAddress().length == 4;
        if (v4 && (type == Type.A || type == Type.ANY)) {
            answer.addRecord(new ARecord(name, DClass.IN, TTL_SECONDS, address), Section.ANSWER);
        } else if (!v4 && (type == Type.AAAA || type == Type.ANY)) {
            answer.addRecord(new AAAARecord(name, DClass.IN, TTL_SECONDS, address), Section.ANSWER);
        }
    }

    /** What the nearest {@code *} above a name stands for. */
    static @Nullable List<String> wild(Map<String, List<String>> names, String name) {
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            var wild = names.get("*" + name.substring(dot));
            if (wild != null) {
                return wild;
            }
        }
        return null;
    }

    /** The name of an address that the plan names; null where there is none. */
    private static @Nullable String nameOf(Vpc vpc, String reverse) {
        String address = address(reverse);
        return address == null
                ? null
                : vpc.names().entrySet().stream()
                        .filter(entry -> !entry.getKey().startsWith("*")
                                && entry.getValue().contains(address))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .findFirst()
                        .orElse(null);
    }

    /** An address of the VPC without a name has none, whatever others say. */
    private static boolean ownAddress(Vpc vpc, String reverse) {
        String address = address(reverse);
        return address != null && vpc.cidrs().stream().anyMatch(cidr -> cidr.contains(address));
    }

    private static @Nullable String address(String reverse) {
        String suffix = ".in-addr.arpa";
        if (!reverse.endsWith(suffix)) {
            return null;
        }
        var labels = Arrays.asList(
                reverse.substring(0, reverse.length() - suffix.length()).split("\\."));
        String address = String.join(".", labels.reversed());
        return labels.size() == 4 && Cidr.parseOrNull(address) != null ? address : null;
    }

    /** The host's own names; those of its loopback mean nothing elsewhere. */
    private @Nullable List<String> fromHosts(String name) {
        try {
            var found = new ArrayList<String>();
            for (String line : Files.readAllLines(hosts)) {
                int comment = line.indexOf('#');
                String[] words = (comment < 0 ? line : line.substring(0, comment))
                        .strip()
                        .split("\\s+");
                boolean named = Arrays.stream(words).skip(1).anyMatch(word -> word.equalsIgnoreCase(name));
                var address = named ? Cidr.parseOrNull(words[0]) : null;
                if (address != null && !InetAddress.ofLiteral(words[0]).isLoopbackAddress()) {
                    found.add(address.address());
                }
            }
            return found.isEmpty() ? null : found;
        } catch (IOException e) {
            return null;
        }
    }

    private static Message respond(Message query, int code) {
        var answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        if (query.getHeader().getFlag(Flags.RD)) {
            answer.getHeader().setFlag(Flags.RD);
        }
        answer.getHeader().setRcode(code);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        return answer;
    }

    private static byte[] error(Message query, int code) {
        return respond(query, code).toWire();
    }

    private static byte[] wire(Message query, Message answer, boolean overTcp) {
        int most = PLAIN_UDP_BYTES;
        if (query.getOPT() != null) {
            most = Math.max(most, query.getOPT().getPayloadSize());
        }
        return answer.toWire(overTcp ? MOST_BYTES : most);
    }
}
