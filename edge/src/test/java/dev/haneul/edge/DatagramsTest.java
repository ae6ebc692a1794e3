package dev.haneul.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.TargetGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Datagrams through a network balancer, on loopback. */
class DatagramsTest {
    private final Rig rig = new Rig();
    private final List<DatagramSocket> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(DatagramSocket::close);
        rig.close();
    }

    private DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(Rig.loopback(0));
        socket.setSoTimeout(10_000);
        open.add(socket);
        return socket;
    }

    /** Answers each datagram with its name and what came. */
    private TargetGroup.Target echo(String name) throws IOException {
        DatagramSocket socket = socket();
        socket.setSoTimeout(0);
        Thread.ofVirtual().start(() -> {
            byte[] buffer = new byte[4096];
            while (!socket.isClosed()) {
                try {
                    DatagramPacket in = new DatagramPacket(buffer, buffer.length);
                    socket.receive(in);
                    byte[] out = (name + " " + text(in)).getBytes(StandardCharsets.UTF_8);
                    socket.send(new DatagramPacket(out, out.length, in.getSocketAddress()));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return Rig.target(socket.getLocalPort());
    }

    private static String text(DatagramPacket packet) {
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    private String ask(DatagramSocket client, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        client.send(new DatagramPacket(bytes, bytes.length, Rig.loopback(rig.datagrams.get(53))));
        DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
        client.receive(answer);
        return text(answer);
    }

    private void carry(Duration idle, TargetGroup.Target... targets) throws IOException {
        Listener plain = Rig.listener(53, Listener.Protocol.UDP, null, Rig.rule(List.of(), Rig.forward("g")));
        Listener listener =
                new Listener(plain.id(), plain.port(), plain.protocol(), null, plain.rules(), idle, Map.of());
        rig.edge.apply(Rig.table(RoutingTable.Settings.NETWORK, listener, Rig.group("g", targets)));
    }

    @Test
    void aClientsPortStaysWithItsTarget() throws IOException {
        carry(Duration.ofSeconds(120), echo("one"), echo("two"));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            DatagramSocket client = socket();
            String first = ask(client, "a").split(" ")[0];
            assertThat(ask(client, "b")).isEqualTo(first + " b");
            seen.add(first);
        }
        assertThat(seen).containsExactlyInAnyOrder("one", "two");
        assertThat(rig.edge.balancer(Rig.BALANCER).orElseThrow().connections()).isEqualTo(20);
    }

    @Test
    void aFlowMovesWhenItsTargetLeavesAndEndsWhenItIsSilent() throws IOException, InterruptedException {
        TargetGroup.Target one = echo("one");
        TargetGroup.Target two = echo("two");
        carry(Duration.ofMillis(500), one);
        DatagramSocket client = socket();
        assertThat(ask(client, "a")).isEqualTo("one a");
        carry(Duration.ofMillis(500), two);
        assertThat(ask(client, "b")).isEqualTo("two b");
        for (int i = 0; i < 200 && rig.flows.size() < 2; i++) {
            Thread.sleep(50);
        }
        assertThat(rig.flows).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.protocol()).isEqualTo("UDP");
            assertThat(flow.received()).isEqualTo(1);
            assertThat(flow.sent()).isEqualTo(5);
            assertThat(flow.failure()).isNull();
        });
        assertThat(rig.edge.balancer(Rig.BALANCER).orElseThrow().connections()).isZero();
    }

    @Test
    void withoutATargetNothingComesBackAndItIsTold() throws IOException, InterruptedException {
        carry(Duration.ofSeconds(120));
        DatagramSocket client = socket();
        client.setSoTimeout(200);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ask(client, "a"))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(rig.flows).extracting(FlowFact::failure).containsExactly("no-target");
    }
}
