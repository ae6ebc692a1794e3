package dev.haneul.fabric.vpc;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The host's own resolvers, asked for what nobody here knows. */
final class Upstream {
    private static final int MOST_FORWARDED = 64;
    private static final int MOST_SERVERS = 3;
    private static final int TIMEOUT_MILLIS = 3000;
    private static final int MOST_BYTES = 65_535;

    private final Path configuration;
    private final int port;
    private final Semaphore forwarding = new Semaphore(MOST_FORWARDED);

    /**
     * @param configuration a file as {@code /etc/resolv.conf}
     * @param port of the servers named there
     */
    Upstream(Path configuration, int port) {
        this.configuration = configuration;
        this.port = port;
    }

    /** The answer to a question; null where none came in time, or too many wait for theirs. */
    byte @Nullable [] ask(byte[] question, int id, boolean overTcp) {
        if (!forwarding.tryAcquire()) {
            return null;
        }
        try {
            for (String server : servers()) {
                byte[] answer = ask(new InetSocketAddress(InetAddress.ofLiteral(server), port), question, id, overTcp);
                if (answer != null) {
                    return answer;
                }
            }
            return null;
        } finally {
            forwarding.release();
        }
    }

    private static byte @Nullable [] ask(InetSocketAddress server, byte[] question, int id, boolean overTcp) {
        try {
            return overTcp ? askByTcp(server, question) : askByUdp(server, question, id);
        } catch (IOException e) {
            return null; // the next one may know
        }
    }

    private static byte @Nullable [] askByUdp(InetSocketAddress server, byte[] question, int id) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.send(new DatagramPacket(question, question.length));
            var packet = new DatagramPacket(new byte[MOST_BYTES], MOST_BYTES);
            socket.receive(packet);
            byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
            boolean same = answer.length > 2 && ((answer[0] & 0xff) << 8 | answer[1] & 0xff) == id;
            return same ? answer : null;
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    private static byte[] askByTcp(InetSocketAddress server, byte[] question) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(server, TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            var out = socket.getOutputStream();
            out.write(new byte[] {(byte) (question.length >> 8), (byte) question.length});
            out.write(question);
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
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
}
