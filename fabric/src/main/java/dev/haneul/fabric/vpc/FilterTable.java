package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.Network.Port;
import dev.haneul.fabric.vpc.NetworkPlan.Entry;
import dev.haneul.fabric.vpc.NetworkPlan.Match;
import dev.haneul.fabric.vpc.NetworkPlan.Peer;
import dev.haneul.fabric.vpc.NetworkPlan.Rule;
import dev.haneul.fabric.vpc.NetworkPlan.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The nftables of a VPC's router for one address family, as text: pure. Replaced as a whole where a rule changes, which costs the kernel a
 * pause for each chain it hooks up anew; where only interfaces came and went, the elements of its sets change. It speaks
 * of interfaces by their devices' names, whether those are there or not, so that attaching changes nothing in it.
 *
 * <p>A forwarded packet passes the network ACLs of both ends' subnets, both ways, where it crosses their border; then,
 * unless it belongs to a connection that was let through before, the security groups of where it came from and of where
 * it goes. Being denied is not always being dropped here: what a flow log must tell of goes on, marked, to
 * {@link UsageTable}, which counts and drops it.
 */
final class FilterTable {
    static final String TABLE = "haneul";
    static final String GATEWAY = "igw";

    /** Marks of packets that a flow log must tell of, and that are then dropped. */
    static final int DENIED_LEAVING = 1;

    static final int DENIED_ARRIVING = 2;

    /** Who has which address on a link is no traffic of anybody's. */
    private static final String NEIGHBOURS = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept";

    private final Network network;
    private final Family family;
    /** Everything but the elements of sets and maps. */
    private final StringBuilder frame = new StringBuilder(8192);

    /** The elements, by set. */
    private final Map<String, Set<String>> elements = new LinkedHashMap<>();

    private final Map<List<String>, Integer> combinations = new LinkedHashMap<>();

    private FilterTable(Network network, Family family) {
        this.network = network;
        this.family = family;
    }

    /** The table of a family, or that there is none where the network does not have it. */
    static FilterTable of(Network network, Family family) {
        var table = new FilterTable(network, family);
        if (family.present()) {
            table.frame.append(removal(family));
        }
        if (family == Family.V4 || network.six()) {
            table.render();
        }
        return table;
    }

    private static String removal(Family family) {
        String table = "table " + family.table() + " " + TABLE + "\n";
        return "add " + table + "delete " + table;
    }

    /**
     * A script for {@code nft -f} that brings the kernel here from another table; empty where they are the same.
     *
     * @param known what is in force; null for nothing, or for what nobody knows
     */
    String since(@Nullable FilterTable known) {
        boolean same = known != null && frame.compareTo(known.frame) == 0;
        Map<String, Set<String>> there = known != null && same ? known.elements : Map.of();
        var script = new StringBuilder(same ? "" : frame);
        elements.forEach((set, wanted) -> {
            var present = there.getOrDefault(set, Set.of());
            change(script, "delete", set, present, wanted);
            change(script, "add", set, wanted, present);
        });
        return script.toString();
    }

    private void change(StringBuilder script, String verb, String set, Set<String> of, Set<String> but) {
        var changed = new LinkedHashSet<>(of);
        changed.removeAll(but);
        if (!changed.isEmpty()) {
            script.append(verb)
                    .append(" element " + family.table() + " " + TABLE + " ")
                    .append(set);
            script.append(" { ").append(String.join(", ", changed)).append(" }\n");
        }
    }

    private void render() {
        for (var port : network.ports()) {
            if (port.groups() != null) {
                combinations.putIfAbsent(sorted(port.groups()), combinations.size());
            }
        }
        line("table " + family.table() + " " + TABLE + " {");
        denials();
        securityGroups();
        networkAcls();
        if (family == Family.V4) {
            translation();
            metadata();
        } else {
            openToTheInternet();
        }
        sources();
        forward();
        input();
        line("}");
    }

    /** Packets that are somebody else's, and where each interface's packets are routed by. */
    private void sources() {
        var own = new ArrayList<String>();
        for (var port : network.ports()) {
            for (String address : port.addresses(family)) {
                own.add(quoted(port.device()) + " . " + address);
            }
        }
        set("set", "sources", "type ifname . " + family.type(), own);
        set("set", "unchecked", "type ifname", devices(port -> !port.checked()));
        set(
                "map",
                "tables",
                "type ifname : mark",
                network.ports().stream()
                        .map(port -> quoted(port.device()) + " : "
                                + Names.table(port.subnet().routeTableId()))
                        .toList());
        line("chain came_in { type filter hook prerouting priority -300; policy accept;");
        if (family == Family.V6) {
            line(NEIGHBOURS);
        }
        line("iifname \"e*\" iifname != @unchecked iifname . " + family.table() + " saddr != @sources drop");
        if (family == Family.V4) {
            line("iifname " + quoted(GATEWAY) + " ip daddr != @published drop");
        }
        line("meta mark set iifname map @tables");
        line("}");
        if (family == Family.V4 && !network.speakers().isEmpty()) {
            speakers();
        }
    }

    /** Answers to what an interface says in others' names go to it, not to them. */
    private void speakers() {
        set(
                "map",
                "speakers",
                "type ifname : mark",
                network.speakers().stream()
                        .map(port -> quoted(port.device()) + " : " + Names.table(port.id()))
                        .toList());
        line("chain spoken { type filter hook prerouting priority -150; policy accept;");
        line("ct direction reply ct mark != 0 meta mark set ct mark");
        line("ct state new ct mark set iifname map @speakers");
        line("}");
    }

    /** The internet gateway: one public address for one private one. */
    private void translation() {
        var published = network.published();
        set(
                "set",
                "published",
                "type ipv4_addr",
                published.stream().map(a -> a.publicAddress()).toList());
        set(
                "set",
                "publishers",
                "type ipv4_addr",
                published.stream().map(a -> a.privateAddress()).toList());
        set(
                "set",
                "pairs",
                "type ipv4_addr . ipv4_addr",
                published.stream()
                        .map(a -> a.privateAddress() + " . " + a.publicAddress())
                        .toList());
        set(
                "map",
                "outside",
                "type ipv4_addr : ipv4_addr",
                published.stream()
                        .map(a -> a.privateAddress() + " : " + a.publicAddress())
                        .toList());
        set(
                "map",
                "inside",
                "type ipv4_addr : ipv4_addr",
                published.stream()
                        .map(a -> a.publicAddress() + " : " + a.privateAddress())
                        .toList());
        line("chain arriving { type nat hook prerouting priority -100; policy accept;");
        line("iifname " + quoted(GATEWAY) + " dnat to ip daddr map @inside");
        line("}");
        line("chain leaving { type nat hook postrouting priority 100; policy accept;");
        line("oifname " + quoted(GATEWAY) + " snat to ip saddr map @outside");
        line("}");
        // a connection remembers its translation; one made before an address moved must not go on with it
        line("chain moved { type filter hook postrouting priority 150; policy accept;");
        line("oifname " + quoted(GATEWAY) + " ct direction original ct original ip saddr . ip saddr != @pairs drop");
        line("oifname " + quoted(GATEWAY) + " ct direction reply ct reply ip saddr . ip saddr != @pairs drop");
        line("}");
    }

    /** IPv6 needs no translation: whoever has a route to the internet gateway is reached through it. */
    private void openToTheInternet() {
        var tables = network.tables().stream()
                .filter(table -> table.routes().stream()
                        .anyMatch(
                                route -> route.destination().v6() && route.target() instanceof Target.InternetGateway))
                .map(NetworkPlan.RouteTable::id)
                .toList();
        set(
                "set",
                "open",
                "type " + family.type(),
                network.ports().stream()
                        .filter(port -> tables.contains(port.subnet().routeTableId()))
                        .flatMap(port -> port.sixes().stream())
                        .toList());
    }

    /** How far answers of the metadata service go. */
    private void metadata() {
        var byHops = new TreeMap<Integer, List<String>>();
        for (var port : network.ports()) {
            for (var address : port.addresses()) {
                byHops.computeIfAbsent(port.metadataHopLimit(), hops -> new ArrayList<>())
                        .add(address.privateAddress());
            }
        }
        byHops.forEach((hops, addresses) -> set("set", "hops_" + hops, "type ipv4_addr", addresses));
        line("chain answers { type filter hook output priority 0; policy accept;");
        byHops.keySet()
                .forEach(hops -> line(
                        "ip saddr " + VpcFabric.METADATA_ADDRESS + " ip daddr @hops_" + hops + " ip ttl set " + hops));
        line("}");
    }

    private void forward() {
        line("chain filter_forward { type filter hook forward priority 0; policy drop;");
        line(
                family == Family.V4
                        ? "oifname " + quoted(GATEWAY) + " ip saddr != @publishers drop"
                        : "iifname " + quoted(GATEWAY) + " ct state new ip6 daddr != @open drop");
        line("iifname vmap @acl_out");
        line("oifname vmap @acl_in");
        line("ct state established,related accept");
        line("iifname vmap @sg_out");
        line("goto arrival");
        line("}");
    }

    /** What the region itself answers, at addresses that nothing filters; nothing from outside. */
    private void input() {
        line("chain filter_input { type filter hook input priority 0; policy drop;");
        line("ct state established,related accept");
        if (family == Family.V6) {
            line(NEIGHBOURS);
            line("}");
            return;
        }
        line("iifname != \"e*\" drop");
        line("ip daddr { " + VpcFabric.RESOLVER_ADDRESS + ", " + network.vpc().resolver()
                + " } meta l4proto { tcp, udp } th dport 53 accept");
        line("ip daddr 169.254.0.0/16 meta l4proto tcp accept");
        line("}");
    }

    private void denials() {
        set("set", "logged", "type ifname", devices(Port::flowLog));
        line("chain deny_leaving { iifname @logged meta mark set " + DENIED_LEAVING + " accept");
        line("drop");
        line("}");
        line("chain deny_arriving { oifname @logged meta mark set " + DENIED_ARRIVING + " accept");
        // the sender's log says accepted
        line("iifname @logged meta mark set " + DENIED_ARRIVING + " accept");
        line("drop");
        line("}");
    }

    /** One chain for each group and direction, one for each set of groups that interfaces have. */
    private void securityGroups() {
        network.members()
                .forEach((id, addresses) -> set(
                        "set",
                        "m_" + Names.plain(id),
                        "type " + family.type(),
                        addresses.stream()
                                .filter(address -> Family.of(address) == family)
                                .toList()));
        line("chain arrival { }");
        for (var group : network.groups().values()) {
            chain("si_" + Names.plain(group.id()), rules(group.ingress(), "saddr", "accept"));
            chain("so_" + Names.plain(group.id()), rules(group.egress(), "daddr", "goto arrival"));
        }
        combinations.forEach((groups, number) -> {
            chain("ci_" + number, jumps(groups, "si_", "goto deny_arriving"));
            chain("co_" + number, jumps(groups, "so_", "goto deny_leaving"));
        });
        verdicts("sg_in", port -> port.groups() != null, port -> "goto ci_" + combination(port));
        verdicts("sg_out", port -> port.groups() != null, port -> "goto co_" + combination(port));
        chain("arrival", List.of("oifname vmap @sg_in", "accept"));
    }

    private List<String> jumps(List<String> groups, String prefix, String last) {
        var lines = new ArrayList<String>();
        for (String id : groups) {
            if (network.groups().containsKey(id)) {
                lines.add("jump " + prefix + Names.plain(id));
            }
        }
        lines.add(last);
        return lines;
    }

    private List<String> rules(List<Rule> rules, String end, String verdict) {
        var blocks = new LinkedHashMap<Match, List<Cidr>>();
        var lines = new ArrayList<String>();
        for (var rule : rules) {
            if (!speaks(rule.match())) {
                continue;
            }
            switch (rule.peer()) {
                case Peer.Block(Cidr cidr) -> {
                    if (family.has(cidr)) {
                        blocks.computeIfAbsent(rule.match(), match -> new ArrayList<>())
                                .add(cidr);
                    }
                }
                case Peer.Group(String id) -> {
                    if (network.members().containsKey(id)) {
                        lines.add(family.table() + " " + end + " @m_" + Names.plain(id) + " " + match(rule.match())
                                + verdict);
                        if (end.equals("saddr") && family == Family.V4) {
                            network.speakers(id)
                                    .forEach(device -> lines.add(
                                            "iifname " + quoted(device) + " " + match(rule.match()) + verdict));
                        }
                    }
                }
            }
        }
        blocks.forEach((match, cidrs) -> lines.add(blocks(end, cidrs) + match(match) + verdict));
        return lines;
    }

    /** One chain for each ACL and direction, one for each subnet that leaves out what stays inside it. */
    private void networkAcls() {
        for (var acl : network.acls().values()) {
            chain("ai_" + Names.plain(acl.id()), entries(acl.ingress(), "saddr", "goto deny_arriving"));
            chain("ao_" + Names.plain(acl.id()), entries(acl.egress(), "daddr", "goto deny_leaving"));
        }
        for (var subnet : network.subnets()) {
            String name = Names.plain(subnet.id());
            set(
                    "set",
                    "n_" + name,
                    "type ifname",
                    devices(port -> port.subnet().id().equals(subnet.id())));
            String acl = Names.plain(subnet.networkAclId());
            chain("ni_" + name, List.of("iifname @n_" + name + " return", "jump ai_" + acl));
            chain("no_" + name, List.of("oifname @n_" + name + " return", "jump ao_" + acl));
        }
        verdicts(
                "acl_in",
                port -> true,
                port -> "jump ni_" + Names.plain(port.subnet().id()));
        verdicts(
                "acl_out",
                port -> true,
                port -> "jump no_" + Names.plain(port.subnet().id()));
    }

    private List<String> entries(List<Entry> entries, String end, String denial) {
        var lines = new ArrayList<String>();
        entries.stream()
                .filter(entry -> family.has(entry.cidr()) && speaks(entry.match()))
                .sorted(Comparator.comparingInt(Entry::number))
                .forEach(entry -> lines.add(blocks(end, List.of(entry.cidr()))
                        + match(entry.match())
                        + (entry.allow() ? "return" : denial)));
        lines.add(denial);
        return lines;
    }

    private String blocks(String end, List<Cidr> cidrs) {
        // the kernel wants no two blocks of a set to overlap
        var widest = cidrs.stream()
                .distinct()
                .filter(one -> cidrs.stream().noneMatch(other -> !other.equals(one) && other.contains(one)))
                .toList();
        if (widest.contains(family.any())) {
            return "";
        }
        return family.table() + " " + end + " { "
                + widest.stream().map(Cidr::toString).collect(Collectors.joining(", ")) + " } ";
    }

    /** Whether a rule is about packets of this family at all. */
    private boolean speaks(Match match) {
        return switch (match) {
            case Match.Icmp ignored -> family == Family.V4;
            case Match.Icmp6 ignored -> family == Family.V6;
            default -> true;
        };
    }

    private String match(Match match) {
        return switch (match) {
            case Match.All() -> "";
            case Match.Ports(int protocol, int from, int to) ->
                (protocol == 6 ? "tcp" : "udp") + " dport " + (from == to ? from + " " : from + "-" + to + " ");
            case Match.Icmp(int type, int code) -> control(type, code);
            case Match.Icmp6(int type, int code) -> control(type, code);
            case Match.Protocol(int number) -> "meta l4proto " + number + " ";
        };
    }

    private String control(int type, int code) {
        String name = family.icmp();
        return type < 0
                ? "meta l4proto " + family.icmpNumber() + " "
                : name + " type " + type + " " + (code < 0 ? "" : name + " code " + code + " ");
    }

    private void verdicts(String name, Predicate<Port> which, java.util.function.Function<Port, String> verdict) {
        set(
                "map",
                name,
                "type ifname : verdict",
                network.ports().stream()
                        .filter(which)
                        .map(port -> quoted(port.device()) + " : " + verdict.apply(port))
                        .toList());
    }

    private int combination(Port port) {
        return Objects.requireNonNull(combinations.get(sorted(Objects.requireNonNull(port.groups()))));
    }

    private List<String> devices(Predicate<Port> which) {
        return network.ports().stream()
                .filter(which)
                .map(port -> quoted(port.device()))
                .toList();
    }

    /** @param kind set or map */
    private void set(String kind, String name, String type, Collection<String> content) {
        line(kind + " " + name + " { " + type + "; }");
        elements.put(name, new LinkedHashSet<>(content));
    }

    private void chain(String name, List<String> rules) {
        line("chain " + name + " {");
        rules.forEach(this::line);
        line("}");
    }

    private void line(String text) {
        frame.append(text).append('\n');
    }

    private static List<String> sorted(List<String> ids) {
        return List.copyOf(new TreeSet<>(ids));
    }

    private static String quoted(String device) {
        return '"' + device + '"';
    }

    /** Whether a route's target takes packets that are not for it. */
    static boolean forwards(Network network, Target.Interface target) {
        return network.port(target.eniId()).filter(port -> !port.checked()).isPresent();
    }
}
