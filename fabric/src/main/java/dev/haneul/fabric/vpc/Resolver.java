package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Vpc;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Answers name questions as a VPC's resolver does: from the names of the plan, then from the host's file of hosts, then
 * by asking the host's own resolver.
 */
final class Resolver {
    private static final int TTL_SECONDS = 60;
    private static final int MOST_FORWARDED = 64;
    private static final int MOST_SERVERS = 3;
    private static final int TIMEOUT_MILLIS = 3000;
    private static final int MOST_BYTES = 65_535;
    private static final int PLAIN_UDP_BYTES = 512;
    private static final int DNS_PORT = 53;

    private final Path hosts;
    private final Path configuration;
    private final int port;
    private final Semaphore forwarding = new Semaphore(MOST_FORWARDED);

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
        this.configuration = configuration;
        this.port = port;
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
        String name = asked.getName().toString(true).toLowerCase(Locale.ROOT);
        if (asked.getType() == Type.PTR && vpc != null && reverse(vpc, query, name) instanceof byte[] known) {
            return known;
        }
        var addresses = vpc == null ? null : lookUp(vpc.names(), name);
        if (addresses == null) {
            addresses = fromHosts(name);
        }
        if (addresses != null) {
            var answer = respond(query, Rcode.NOERROR);
            for (String address : addresses) {
                addAddress(answer, asked, address);
            }
            return wire(query, answer, overTcp);
        }
        byte[] forwarded = forward(question, query.getHeader(), overTcp);
        return forwarded == null ? error(query, Rcode.SERVFAIL) : forwarded;
    }

    private static void addAddress(Message answer, Record asked, String text) {
        var address = InetAddress.ofLiteral(text);
        boolean v4 = address.getAddress().length == 4;
        if (v4 && (asked.getType() == Type.A || asked.getType() == Type.ANY)) {
            answer.addRecord(new ARecord(asked.getName(), DClass.IN, TTL_SECONDS, address), Section.ANSWER);
        } else if (!v4 && (asked.getType() == Type.AAAA || asked.getType() == Type.ANY)) {
            answer.addRecord(new AAAARecord(asked.getName(), DClass.IN, TTL_SECONDS, address), Section.ANSWER);
        }
    }

    /** The name itself, else the nearest {@code *} above it. */
    static @Nullable List<String> lookUp(Map<String, List<String>> names, String name) {
        var exact = names.get(name);
        if (exact != null) {
            return exact;
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            var wild = names.get("*" + name.substring(dot));
            if (wild != null) {
                return wild;
            }
        }
        return null;
    }

    /** The name of an address; an address of the VPC without one has none, whatever others say. */
    private static byte @Nullable [] reverse(Vpc vpc, Message query, String name) {
        String suffix = ".in-addr.arpa";
        if (!name.endsWith(suffix)) {
            return null;
        }
        var labels =
                Arrays.asList(name.substring(0, name.length() - suffix.length()).split("\\."));
        String address = String.join(".", labels.reversed());
        if (labels.size() != 4 || Cidr.parseOrNull(address) == null) {
            return null;
        }
        var found = vpc.names().entrySet().stream()
                .filter(entry ->
                        !entry.getKey().startsWith("*") && entry.getValue().contains(address))
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst();
        if (found.isEmpty()) {
            boolean own = vpc.cidrs().stream().anyMatch(cidr -> cidr.contains(address));
            return own ? error(query, Rcode.NXDOMAIN) : null;
        }
        var answer = respond(query, Rcode.NOERROR);
        var target = Name.fromConstantString(found.get() + ".");
        var asked = query.getQuestion();
        answer.addRecord(new PTRRecord(asked.getName(), DClass.IN, TTL_SECONDS, target), Section.ANSWER);
        return wire(query, answer, true);
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

    private byte @Nullable [] forward(byte[] question, Header header, boolean overTcp) {
        if (!forwarding.tryAcquire()) {
            return null;
        }
        try {
            for (String server : servers()) {
                byte[] answer =
                        ask(new InetSocketAddress(InetAddress.ofLiteral(server), port), question, header, overTcp);
                if (answer != null) {
                    return answer;
                }
            }
            return null;
        } finally {
            forwarding.release();
        }
    }

    private static byte @Nullable [] ask(InetSocketAddress server, byte[] question, Header header, boolean overTcp) {
        try {
            return overTcp ? askByTcp(server, question) : askByUdp(server, question, header);
        } catch (IOException e) {
            return null; // the next one may know
        }
    }

    private static byte @Nullable [] askByUdp(InetSocketAddress server, byte[] question, Header header)
            throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.send(new DatagramPacket(question, question.length));
            var packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
            socket.receive(packet);
            byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
            boolean same = answer.length > 2 && ((answer[0] & 0xff) << 8 | answer[1] & 0xff) == header.getID();
            return same ? answer : null;
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    private static byte[] askByTcp(InetSocketAddress server, byte[] question) throws IOException {
        try (var socket = new java.net.Socket()) {
            socket.connect(server, TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            var out = socket.getOutputStream();
            out.write(new byte[] {(byte) (question.length >> 8), (byte) question.length});
            out.write(question);
            out.flush();
            var in = new java.io.DataInputStream(socket.getInputStream());
            return in.readNBytes(in.readUnsignedShort());
        }
    }

    private List<String> servers() {
        try {
            return Files.readAllLines(configuration).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                    .map(words -> words[1])
                    .filter(address -> Cidr.parseOrNull(address) != null)
                    .limit(MOST_SERVERS)
                    .toList();
        } catch (IOException e) {
            return List.of();
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
