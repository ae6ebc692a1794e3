package dev.haneul.edge;

import static dev.haneul.edge.Rig.forward;
import static dev.haneul.edge.Rig.group;
import static dev.haneul.edge.Rig.listener;
import static dev.haneul.edge.Rig.rule;
import static dev.haneul.edge.Rig.table;
import static dev.haneul.edge.Rig.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Condition;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.RoutingTable.Settings;
import dev.haneul.edge.table.TargetGroup.Target;
import dev.haneul.edge.table.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients and targets see of each other over HTTP/1.1, well-behaved and not. */
class HttpProxyTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static Settings idle(Duration idle) {
        Settings s = Settings.APPLICATION;
        return new Settings(
                idle,
                s.clientKeepAlive(),
                s.forwardedFor(),
                s.clientPort(),
                s.dropInvalidHeaders(),
                s.preserveHost(),
                s.http2(),
                s.desync(),
                s.tlsHeaders(),
                s.crossZone());
    }

    private void forwardWithin(Duration idle, int port) throws IOException {
        rig.edge.apply(table(
                idle(idle),
                listener(80, Listener.Protocol.HTTP, null, rule(List.of(), forward("g"))),
                group("g", target(port))));
    }

    @Test
    void targetsAreToldWhoAsksAndConnectionsAreKept() throws IOException {
        try (Backend backend = Backend.saying("hello")) {
            rig.forwardTo(target(backend.port()));
            String both = rig.say(
                    80,
                    "GET /a?b=c HTTP/1.1\r\nHost: x.example\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n"
                            + "GET /two HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n",
                    "");
            assertThat(both.split("hello", -1)).hasSize(3);
            assertThat(backend.connections.get()).isEqualTo(1);
            String head = backend.heard().getFirst();
            assertThat(head)
                    .startsWith("GET /a?b=c HTTP/1.1\r\nHost: x.example\r\n")
                    .contains("X-Forwarded-For: 1.2.3.4, 127.0.0.1\r\n")
                    .contains("X-Forwarded-Proto: http\r\n")
                    .contains("X-Forwarded-Port: 80\r\n")
                    .containsPattern("X-Amzn-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24}\r\n")
                    .doesNotContain("X-Hop");
            assertThat(rig.requests).hasSize(2).allMatch(each -> each.status() == 200 && each.targetStatus() == 200);
        }
    }

    @Test
    void bodiesStreamBothWaysInChunksAndByLength() throws IOException {
        AtomicLong taken = new AtomicLong();
        long most = 40L * 1024 * 1024;
        try (Backend backend = new Backend((self, in, out, socket) -> {
            self.heads.add(Backend.head(in));
            byte[] buffer = new byte[64 * 1024];
            long left = most;
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                left -= count;
                taken.addAndGet(count);
            }
            Backend.write(
                    out,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x=y\r\n wo\r\n3\r\nrld\r\n0\r\nX-T: 1\r\n\r\n");
        })) {
            rig.forwardTo(target(backend.port()));
            try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(80))) {
                OutputStream out = socket.getOutputStream();
                Backend.write(
                        out,
                        "POST /up HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " + most + "\r\n\r\n");
                InputStream in = socket.getInputStream();
                assertThat(Backend.head(in)).startsWith("HTTP/1.1 100 Continue");
                byte[] buffer = new byte[64 * 1024];
                for (long sent = 0; sent < most; sent += buffer.length) {
                    out.write(buffer);
                }
                String answer = Rig.read(in, "0\r\n");
                assertThat(answer)
                        .contains("Transfer-Encoding: chunked")
                        .contains("hello")
                        .contains("rld");
            }
            assertThat(taken.get()).isEqualTo(most);
            assertThat(backend.heard().getFirst()).doesNotContain("Expect").contains("Content-Length: " + most);
        }
    }

    @Test
    void requestsThatAreNoneAreRefusedInAwsWords() throws IOException {
        try (Backend backend = Backend.saying("hello")) {
            rig.forwardTo(target(backend.port()));
            assertThat(rig.say(80, "GARBAGE\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("Server: awselb/2.0")
                    .contains("<center><h1>400 Bad Request</h1></center>");
            assertThat(rig.say(80, "GET / HTTP/1.1\r\n\r\n", "")).startsWith("HTTP/1.1 400 ");
            assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(rig.say(80, "GET /" + "a".repeat(17_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 414 ");
            assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(17_000) + "\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(rig.say(80, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 501 ");
            assertThat(rig.say(
                            80, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", ""))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(rig.say(80, "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "")).startsWith("HTTP/1.1 505 ");
            assertThat(rig.say(80, "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 405 ");
            assertThat(rig.say(
                            80,
                            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: "
                                    + "1.1.1.1,".repeat(31) + "2\r\n\r\n",
                            ""))
                    .startsWith("HTTP/1.1 463 ");
            assertThat(backend.heard()).isEmpty();
            // What could be read in two ways is read in one, and is the connection's last.
            assertThat(rig.say(
                            80,
                            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
                            ""))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Connection: close");
            assertThat(backend.heard()).noneMatch(head -> head.contains("smuggled") || head.contains("Content-Length"));
        }
    }

    @Test
    void targetsThatMisbehaveAreAnsweredFor() throws IOException {
        for (String answer : List.of(
                "",
                "garbage\r\n\r\n",
                "HTTP/1.1 2x0 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: " + "a".repeat(40_000) + "\r\n\r\n")) {
            try (Backend backend = Backend.once(answer)) {
                rig.forwardTo(target(backend.port()));
                assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                        .startsWith("HTTP/1.1 502 Bad Gateway");
            }
        }
        int nobody;
        try (Backend backend = Backend.saying("")) {
            nobody = backend.port();
        }
        rig.forwardTo(target(nobody));
        assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                .startsWith("HTTP/1.1 502 ");
        rig.forwardTo();
        assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                .startsWith("HTTP/1.1 503 ");
        // A body that breaks off is not passed off as whole.
        try (Backend backend = Backend.once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) {
            rig.forwardTo(target(backend.port()));
            assertThat(broken("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).isTrue();
        }
    }

    /** Whether the connection breaks before the answer is whole. */
    private boolean broken(String request) {
        try {
            String answer = rig.say(80, request, "");
            return !answer.contains("halfhalf")
                    && answer.length() < 400
                    && !answer.endsWith("0\r\n\r\n")
                    && answer.indexOf("Content-Length: 10") > 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whoIsSilentTooLongIsTold() throws Exception {
        try (Backend mute = new Backend((self, in, out, socket) -> Thread.sleep(30_000))) {
            forwardWithin(Duration.ofMillis(400), mute.port());
            assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 504 Gateway Time-out");
            assertThat(rig.say(80, "GET / HTTP/1.1\r\nHo", "")).startsWith("HTTP/1.1 408 ");
            assertThat(rig.say(80, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", ""))
                    .startsWith("HTTP/1.1 408 ");
            assertThat(rig.say(80, "", "")).isEmpty();
        }
    }

    @Test
    void aClientThatLeavesIs460AndItsTargetIsLetGo() throws Exception {
        AtomicLong letGo = new AtomicLong();
        try (Backend slow = new Backend((self, in, out, socket) -> {
            Backend.head(in);
            letGo.set(in.read() < 0 ? 1 : 2);
        })) {
            rig.forwardTo(target(slow.port()));
            Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(80));
            Backend.write(socket.getOutputStream(), "GET /gone HTTP/1.1\r\nHost: a\r\n\r\n");
            Thread.sleep(100);
            socket.close();
            await(() -> rig.requests.stream().anyMatch(each -> each.status() == 460));
            await(() -> letGo.get() != 0);
        }
    }

    static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + 15_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.sleep(20);
        }
    }

    @Test
    void aStaleConnectionIsReplacedBeforeAnybodyNotices() throws IOException {
        try (Backend backend = new Backend((self, in, out, socket) -> {
            self.heads.add(Backend.head(in));
            Backend.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        })) {
            rig.forwardTo(target(backend.port()));
            for (int i = 0; i < 20; i++) {
                assertThat(rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", ""))
                        .startsWith("HTTP/1.1 200 ");
            }
            assertThat(backend.heard()).hasSize(20);
        }
    }

    @Test
    void upgradesBecomeTunnels() throws IOException {
        try (Backend backend = new Backend((self, in, out, socket) -> {
            self.heads.add(Backend.head(in));
            Backend.write(
                    out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nfirst");
            in.transferTo(out);
        })) {
            rig.forwardTo(target(backend.port()));
            try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(80))) {
                Backend.write(
                        socket.getOutputStream(),
                        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: k\r\n\r\nearly");
                String answer = Rig.read(socket.getInputStream(), "firstearly");
                assertThat(answer)
                        .startsWith("HTTP/1.1 101 Switching Protocols")
                        .contains("Upgrade: websocket")
                        .endsWith("firstearly");
                Backend.write(socket.getOutputStream(), "later");
                assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.UTF_8))
                        .isEqualTo("later");
                socket.shutdownOutput();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(backend.heard().getFirst())
                    .contains("Connection: Upgrade")
                    .contains("Sec-WebSocket-Key: k");
        }
    }

    @Test
    void rulesChooseAndTheBalancerAnswersByItself() throws IOException {
        try (Backend a = Backend.saying("a");
                Backend b = Backend.saying("b")) {
            rig.edge.apply(table(
                    Settings.APPLICATION,
                    listener(
                            80,
                            Listener.Protocol.HTTP,
                            null,
                            rule(List.of(new Condition.Path(List.of(Text.wild("/a/*", false)))), forward("ga")),
                            rule(
                                    List.of(new Condition.Host(List.of(Text.wild("*.moved.example", true)))),
                                    new Action.Redirect("HTTPS", "#{host}", "443", "/new/#{path}", "#{query}", 301)),
                            rule(
                                    List.of(new Condition.Method(List.of("DELETE"))),
                                    new Action.Fixed(405, "application/json", "{}")),
                            rule(List.of(), forward("gb"))),
                    group("ga", target(a.port())),
                    group("gb", target(b.port()))));
            assertThat(rig.say(80, "GET /a/x HTTP/1.1\r\nHost: q\r\nConnection: close\r\n\r\n", ""))
                    .endsWith("a");
            assertThat(rig.say(80, "GET /b HTTP/1.1\r\nHost: q\r\nConnection: close\r\n\r\n", ""))
                    .endsWith("b");
            assertThat(rig.say(
                            80, "GET /p?q=1 HTTP/1.1\r\nHost: WWW.Moved.Example:80\r\nConnection: close\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 301 ")
                    .contains("Location: https://www.moved.example:443/new/p?q=1\r\n");
            assertThat(rig.say(80, "DELETE /b HTTP/1.1\r\nHost: q\r\nConnection: close\r\n\r\n", ""))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("Content-Type: application/json")
                    .endsWith("{}");
            assertThat(rig.say(80, "HEAD /b HTTP/1.1\r\nHost: q\r\nConnection: close\r\n\r\n", ""))
                    .contains("Content-Length: 1\r\n")
                    .endsWith("\r\n\r\n");
        }
    }

    @Test
    void noRequestFailsWhileTheTableChanges() throws Exception {
        try (Backend a = Backend.saying("aaaa");
                Backend b = Backend.saying("bbbb")) {
            rig.forwardTo(target(a.port()));
            AtomicLong good = new AtomicLong();
            AtomicLong bad = new AtomicLong();
            List<Thread> clients = new java.util.ArrayList<>();
            long until = System.nanoTime() + 1_500_000_000L;
            for (int i = 0; i < 4; i++) {
                clients.add(Thread.ofVirtual().start(() -> {
                    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), rig.port(80))) {
                        while (System.nanoTime() < until) {
                            Backend.write(
                                    socket.getOutputStream(),
                                    "POST / HTTP/1.1\r\nHost: q\r\nContent-Length: 3\r\n\r\nabc");
                            String answer = Backend.head(socket.getInputStream());
                            socket.getInputStream().readNBytes(4);
                            (answer.startsWith("HTTP/1.1 200 ") ? good : bad).incrementAndGet();
                        }
                    } catch (IOException e) {
                        bad.incrementAndGet();
                    }
                }));
            }
            boolean flip = false;
            while (System.nanoTime() < until) {
                Target first = target(a.port());
                rig.forwardTo(flip ? first : draining(first), target(b.port()));
                flip = !flip;
                Thread.sleep(5);
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(good.get()).isGreaterThan(50);
            assertThat(bad.get()).isZero();
        }
    }

    private static Target draining(Target target) {
        return new Target(
                target.key(),
                target.name(),
                target.address(),
                target.port(),
                target.zone(),
                true,
                target.health(),
                target.healthySince());
    }

    @Test
    void tablesThatNameNobodyAreRefused() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> new RoutingTable(
                        "x",
                        true,
                        List.of(),
                        Settings.APPLICATION,
                        List.of(listener(80, Listener.Protocol.HTTP, null, rule(List.of(), forward("nobody")))),
                        java.util.Map.of()))
                .hasMessageContaining("nobody");
    }
}
