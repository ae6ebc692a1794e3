package dev.haneul.fabric.bridge;

import dev.haneul.fabric.vpc.Commands;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The bridge of one server. Use one object for a server at a time: changes are made one after the other here, and the kernel
 * knows nothing of reservations.
 */
public final class BridgeNetwork {
    /** The bridge's device in the server's namespace. */
    public static final String DEVICE = "docker0";

    /** The server's address on it. */
    public static final String GATEWAY = "172.17.0.1";

    /** The first port that is chosen for who does not care. */
    public static final int FIRST_DYNAMIC_PORT = 32_768;

    /** The last one. */
    public static final int LAST_DYNAMIC_PORT = 60_999;

    private static final int FIRST_HOST = 2;
    private static final int LAST_HOST = 65_534;

    private final Path server;

    /** @param server the server's network namespace, as a path for setns(2) */
    public BridgeNetwork(Path server) {
        this.server = server;
    }

    /**
     * A port of the server's that leads to one of a container's.
     *
     * @param containerPort where the container listens
     * @param hostPort the server's port; zero for any of the dynamic ones
     * @param udp whether UDP, else TCP
     */
    public record Mapping(int containerPort, int hostPort, boolean udp) {
        public Mapping {
            if (containerPort < 1 || containerPort > 65_535 || hostPort < 0 || hostPort > 65_535) {
                throw new IllegalArgumentException("no port mapping: " + containerPort + " at " + hostPort);
            }
        }
    }

    /**
     * Who is on the bridge.
     *
     * @param address its address there
     * @param ports its ports, with the server's ports as they are
     */
    public record Attachment(String id, String address, List<Mapping> ports) {
        public Attachment {
            ports = List.copyOf(ports);
        }
    }

    /**
     * Connects a namespace to the bridge, which is made where it is missing: {@code eth0} there, and a default route.
     *
     * @param id at most 100 letters, digits and {@code _.:/-}
     * @param netns a namespace with loopback alone, as a path
     * @throws BindException where a port of the server is taken; nothing is changed then
     * @throws IOException where the kernel refused; nothing is left then
     */
    public synchronized Attachment attach(String id, Path netns, List<Mapping> ports) throws IOException {
        if (!id.matches("[A-Za-z0-9_.:/-]{1,100}")) {
            throw new IllegalArgumentException("not an attachment's id: " + id);
        }
        var present = attached();
        if (present.containsKey(id)) {
            throw new IllegalArgumentException(id + " is attached already");
        }
        if (present.isEmpty()) {
            make();
        }
        var made = new Attachment(id, freeAddress(present), chosen(ports, present));
        var device = device(id);
        try {
            Commands.ip(
                    server,
                    List.of(
                            "link add " + device + " type veth peer name eth0 address " + mac(made.address())
                                    + " netns " + netns,
                            "link set " + device + " master " + DEVICE + " up",
                            // A container that asks the server's port for itself.
                            "link set " + device + " type bridge_slave hairpin on"));
            Commands.ip(
                    netns,
                    List.of(
                            "addr add " + made.address() + "/16 dev eth0",
                            "link set eth0 up",
                            "route add default via " + GATEWAY));
            Commands.nft(server, BridgeRules.add(made));
            return made;
        } catch (IOException e) {
            removeDevice(device);
            throw e;
        }
    }

    /** Takes one off and gives its ports back; does nothing where it is not there. */
    public synchronized void detach(String id) throws IOException {
        var gone = attached().get(id);
        if (gone != null) {
            Commands.nft(server, BridgeRules.remove(gone));
            removeDevice(device(id));
        }
    }

    private void removeDevice(String device) {
        try {
            Commands.ip(server, List.of("link del " + device));
        } catch (IOException e) {
            return; // it has gone with the other end's namespace
        }
    }

    /** Whom the kernel knows, by id; also those whose namespaces have ended. */
    public Map<String, Attachment> attached() throws IOException {
        String text;
        try {
            text = Commands.nftList(server, "-j", "list", "table", "ip", BridgeRules.TABLE);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such file")) {
                return Map.of(); // no bridge was made yet
            }
            throw e;
        }
        return BridgeRules.parse(JsonTrees.readObject(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void make() throws IOException {
        try {
            Commands.ip(
                    server,
                    List.of("link add " + DEVICE + " type bridge", "addr add " + GATEWAY + "/16 dev " + DEVICE));
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("File exists")) {
                throw e;
            }
        }
        Commands.ip(server, List.of("link set " + DEVICE + " up"));
        Commands.set(server, List.of("ipv4/ip_forward=1", "ipv4/conf/" + DEVICE + "/route_localnet=1"));
        Commands.nft(server, BridgeRules.table());
    }

    private static String freeAddress(Map<String, Attachment> present) throws IOException {
        Set<String> taken = present.values().stream().map(Attachment::address).collect(Collectors.toSet());
        for (int host = FIRST_HOST; host <= LAST_HOST; host++) {
            var address = "172.17." + (host >> 8) + "." + (host & 0xff);
            if (!taken.contains(address)) {
                return address;
            }
        }
        throw new IOException("no address is left on the bridge");
    }

    private List<Mapping> chosen(List<Mapping> wanted, Map<String, Attachment> present) throws IOException {
        var taken = present.values().stream()
                .flatMap(it -> it.ports().stream())
                .map(BridgeNetwork::key)
                .collect(Collectors.toSet());
        for (var mapping : wanted) {
            if (mapping.hostPort() != 0 && !(taken.add(key(mapping)) && free(mapping))) {
                throw new BindException(
                        "Bind for 0.0.0.0:" + mapping.hostPort() + " failed: port is already allocated");
            }
        }
        var all = new ArrayList<Mapping>();
        for (var mapping : wanted) {
            all.add(mapping.hostPort() == 0 ? dynamic(mapping, taken) : mapping);
        }
        return all;
    }

    private Mapping dynamic(Mapping mapping, Set<String> taken) throws IOException {
        for (int port = FIRST_DYNAMIC_PORT; port <= LAST_DYNAMIC_PORT; port++) {
            var it = new Mapping(mapping.containerPort(), port, mapping.udp());
            if (!taken.contains(key(it)) && free(it)) {
                taken.add(key(it));
                return it;
            }
        }
        throw new BindException("no port between " + FIRST_DYNAMIC_PORT + " and " + LAST_DYNAMIC_PORT + " is free");
    }

    private static String key(Mapping mapping) {
        return (mapping.udp() ? "udp " : "tcp ") + mapping.hostPort();
    }

    /** Whether none of the server's own programs listens there. */
    private boolean free(Mapping mapping) throws IOException {
        return Commands.inside(server, () -> {
            var address = new InetSocketAddress(mapping.hostPort());
            try (AutoCloseable socket =
                    mapping.udp() ? new DatagramSocket(address) : new ServerSocket(mapping.hostPort())) {
                return socket != null;
            } catch (BindException e) {
                return Boolean.FALSE;
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
    }

    /** The same for whoever has the address: its neighbours remember for a while who had it before. */
    private static String mac(String address) {
        var parts = address.split("\\.");
        return String.format("02:42:ac:11:%02x:%02x", Integer.parseInt(parts[2]), Integer.parseInt(parts[3]));
    }

    private static String device(String id) {
        var crc = new CRC32();
        crc.update(id.getBytes(StandardCharsets.UTF_8));
        var other = new CRC32();
        other.update((id + "/").repeat(2).getBytes(StandardCharsets.UTF_8));
        return String.format("veth%08x%02x", crc.getValue(), other.getValue() & 0xff);
    }

    /** What the kernel keeps, as nftables. */
    static final class BridgeRules {
        static final String TABLE = "haneul_bridge";

        private BridgeRules() {}

        /** The table, empty of attachments; as it is where it is there. */
        static String table() {
            return """
                    table ip %1$s {
                      set attached { type ipv4_addr; }
                      map tcp_ports { type inet_service : ipv4_addr . inet_service; }
                      map udp_ports { type inet_service : ipv4_addr . inet_service; }
                      chain prerouting { type nat hook prerouting priority -100; policy accept; }
                      chain output { type nat hook output priority -100; policy accept; }
                      chain postrouting { type nat hook postrouting priority 100; policy accept; }
                    }
                    flush chain ip %1$s prerouting
                    flush chain ip %1$s output
                    flush chain ip %1$s postrouting
                    add rule ip %1$s prerouting fib daddr type local dnat ip to tcp dport map @tcp_ports
                    add rule ip %1$s prerouting fib daddr type local dnat ip to udp dport map @udp_ports
                    add rule ip %1$s output fib daddr type local dnat ip to tcp dport map @tcp_ports
                    add rule ip %1$s output fib daddr type local dnat ip to udp dport map @udp_ports
                    add rule ip %1$s postrouting ip saddr 172.17.0.0/16 oifname != "%2$s" masquerade
                    add rule ip %1$s postrouting oifname "%2$s" ip saddr 127.0.0.0/8 masquerade
                    add rule ip %1$s postrouting oifname "%2$s" ip saddr 172.17.0.0/16 ct status dnat masquerade
                    """.formatted(TABLE, DEVICE);
        }

        static String add(Attachment it) {
            return change("add", it);
        }

        static String remove(Attachment it) {
            return change("delete", it);
        }

        private static String change(String verb, Attachment it) {
            boolean adds = verb.equals("add");
            var script = new StringBuilder();
            script.append(verb + " element ip " + TABLE + " attached { " + it.address()
                    + (adds ? " comment \"" + it.id() + "\"" : "") + " }\n");
            for (var port : it.ports()) {
                script.append(verb + " element ip " + TABLE + (port.udp() ? " udp_ports" : " tcp_ports") + " { "
                        + port.hostPort()
                        + (adds ? " : " + it.address() + " . " + port.containerPort() : "") + " }\n");
            }
            return script.toString();
        }

        /** Reads what {@code nft -j list table} prints (libnftables-json(5)). */
        static Map<String, Attachment> parse(Map<String, @Nullable Object> listing) {
            var ids = new LinkedHashMap<String, String>();
            var ports = new TreeMap<String, List<Mapping>>();
            for (var entry : list(listing.get("nftables"))) {
                var set = map(map(entry).get("set"));
                for (var element : list(set.get("elem"))) {
                    var facts = map(map(element).get("elem"));
                    ids.put(String.valueOf(facts.get("val")), String.valueOf(facts.get("comment")));
                }
                var ported = map(map(entry).get("map"));
                for (var element : list(ported.get("elem"))) {
                    var pair = list(element);
                    var target = list(map(pair.get(1)).get("concat"));
                    ports.computeIfAbsent(String.valueOf(target.get(0)), it -> new ArrayList<>())
                            .add(new Mapping(
                                    number(target.get(1)),
                                    number(pair.get(0)),
                                    "udp_ports".equals(ported.get("name"))));
                }
            }
            var all = new LinkedHashMap<String, Attachment>();
            ids.forEach((address, id) ->
                    all.put(id, new Attachment(id, address, ports.getOrDefault(address, List.of()))));
            return all;
        }

        private static List<?> list(@Nullable Object tree) {
            return tree instanceof List<?> list ? list : List.of();
        }

        private static Map<?, ?> map(@Nullable Object tree) {
            return tree instanceof Map<?, ?> map ? map : Map.of();
        }

        private static int number(@Nullable Object tree) {
            return tree instanceof Number number ? number.intValue() : 0;
        }
    }
}
