package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.RuleRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Listeners and their certificates. */
final class Listeners {
    private static final int MOST = 50;
    private static final int MOST_CERTIFICATES = 25;
    private static final Set<String> APPLICATION = Set.of("HTTP", "HTTPS");
    private static final Set<String> NETWORK = Set.of("TCP", "TLS", "UDP", "TCP_UDP");
    private static final Set<String> ALPN = Set.of("None", "HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred");

    private final Store store;
    private final Ids ids;
    private final Pager pager;
    private final Certificates certificates;

    Listeners(Store store, Ids ids, Pager pager, Certificates certificates) {
        this.store = store;
        this.ids = ids;
        this.pager = pager;
        this.certificates = certificates;
    }

    CreateListenerOutput create(CreateListenerInput in, Call call) {
        Scope scope = Rows.scope(call);
        BalancerRow known = store.read(tx -> Rows.balancer(tx, scope, in.loadBalancerArn()));
        String protocol = in.protocol();
        Integer port = in.port();
        if (protocol == null || port == null) {
            throw ElbFaults.validation("A listener protocol and port must be specified");
        }
        protocol(known, protocol);
        List<String> certified = certified(scope, protocol, in.certificates());
        Map<String, String> tags = Tagging.checked(in.tags());
        String id = known.id() + "/" + ids.hex(16);
        Listener made = store.transact(tx -> {
            BalancerRow balancer = Rows.balancer(tx, scope, in.loadBalancerArn());
            List<ListenerRow> others = Rows.listeners(tx, scope, balancer.id());
            free(others, port, protocol, null);
            if (others.size() >= MOST) {
                throw Fault.of(
                        new TooManyListenersException(),
                        "You have reached the maximum number of listeners for this load balancer");
            }
            List<Action> actions = Actions.checked(tx, scope, balancer, protocol, in.defaultActions(), List.of());
            ListenerRow row = new ListenerRow(
                    id,
                    balancer.id(),
                    port,
                    protocol,
                    policy(protocol, in.sslPolicy()),
                    certified,
                    alpn(protocol, in.alpnPolicy()),
                    mutual(tx, scope, protocol, in.mutualAuthentication()),
                    Map.of(),
                    tags);
            tx.put(ElbTables.LISTENERS, scope.key(id), row);
            RuleRow rule = new RuleRow(id + "/" + ids.hex(16), id, 0, List.of(), actions, List.of(), Map.of());
            tx.put(ElbTables.RULES, scope.key(rule.id()), rule);
            return told(tx, scope, row);
        });
        return new CreateListenerOutput().listeners(List.of(made));
    }

    /** The balancers with a listener that presents a certificate. */
    List<String> presenting(String certificate) {
        Scope scope = Arn.parse(certificate)
                .map(arn -> new Scope(arn.account(), arn.region()))
                .orElse(Scope.GLOBAL);
        return store.read(tx -> Stream.concat(
                        Rows.all(tx, scope, ElbTables.LISTENERS).stream()
                                .filter(row -> row.certificates().contains(certificate))
                                .map(ListenerRow::balancer),
                        Rows.all(tx, scope, ClassicTables.CLASSICS).stream()
                                .filter(row ->
                                        row.ports().stream().anyMatch(each -> certificate.equals(each.certificate())))
                                .map(row -> ClassicTables.id(row.name())))
                .map(id -> ElbTables.balancerArn(scope, id))
                .distinct()
                .toList());
    }

    private static void protocol(BalancerRow balancer, String protocol) {
        Set<String> fit = balancer.application() ? APPLICATION : NETWORK;
        if (!fit.contains(protocol)) {
            throw ElbFaults.validation("Listener protocol '" + protocol + "' must be one of '"
                    + String.join(", ", fit.stream().sorted().toList()) + "'");
        }
    }

    private static void free(List<ListenerRow> others, int port, String protocol, @Nullable String self) {
        for (ListenerRow other : others) {
            boolean datagrams = protocol.equals("UDP") && other.protocol().equals("TCP")
                    || protocol.equals("TCP") && other.protocol().equals("UDP");
            if (other.port() == port && !other.id().equals(self) && !datagrams) {
                throw Fault.of(
                        new DuplicateListenerException(),
                        "A listener already exists on this port for this load balancer");
            }
        }
    }

    private static boolean encrypted(String protocol) {
        return protocol.equals("HTTPS") || protocol.equals("TLS");
    }

    private List<String> certified(Scope scope, String protocol, List<Certificate> wanted) {
        if (!encrypted(protocol)) {
            if (!wanted.isEmpty()) {
                throw ElbFaults.validation(
                        "Certificates cannot be specified for listeners with the protocol '" + protocol + "'");
            }
            return List.of();
        }
        if (wanted.isEmpty()) {
            throw Fault.of(
                    new CertificateNotFoundException(),
                    "A certificate must be specified for " + protocol + " listeners");
        }
        if (wanted.size() > 1) {
            throw ElbFaults.validation("Exactly one certificate must be specified");
        }
        return exist(scope, wanted);
    }

    private List<String> exist(Scope scope, List<Certificate> wanted) {
        List<String> arns = wanted.stream()
                .map(each -> String.valueOf(each.certificateArn()))
                .toList();
        for (String arn : arns) {
            if (certificates.find(scope, arn).isEmpty()) {
                throw Fault.of(new CertificateNotFoundException(), "Certificate '" + arn + "' not found");
            }
        }
        return arns;
    }

    private static @Nullable String policy(String protocol, @Nullable String wanted) {
        if (!encrypted(protocol)) {
            if (wanted != null) {
                throw ElbFaults.validation(
                        "An SSL policy cannot be specified for listeners with the protocol '" + protocol + "'");
            }
            return null;
        }
        if (wanted == null) {
            return SslPolicies.DEFAULT;
        }
        if (SslPolicies.find(wanted).isEmpty()) {
            throw Fault.of(new SSLPolicyNotFoundException(), "SSL policy '" + wanted + "' not found");
        }
        return wanted;
    }

    private static @Nullable String alpn(String protocol, List<String> wanted) {
        if (wanted.isEmpty()) {
            return null;
        }
        if (!protocol.equals("TLS") || wanted.size() > 1 || !ALPN.contains(wanted.getFirst())) {
            throw Fault.of(new ALPNPolicyNotSupportedException(), "ALPN policy '" + wanted + "' is not supported");
        }
        return wanted.getFirst();
    }

    private static @Nullable MutualAuthenticationAttributes mutual(
            ReadTx tx, Scope scope, String protocol, @Nullable MutualAuthenticationAttributes wanted) {
        if (!protocol.equals("HTTPS")) {
            if (wanted != null && !"off".equals(wanted.mode())) {
                throw ElbFaults.configuration("Mutual authentication is only supported on HTTPS listeners");
            }
            return null;
        }
        if (wanted == null) {
            return new MutualAuthenticationAttributes().mode("off");
        }
        String mode = String.valueOf(wanted.mode());
        if (!Set.of("off", "passthrough", "verify").contains(mode)) {
            throw ElbFaults.validation(
                    "Mutual authentication mode '" + mode + "' must be one of 'off, passthrough, verify'");
        }
        if (mode.equals("verify")) {
            if (wanted.trustStoreArn() == null) {
                throw ElbFaults.validation(
                        "A trust store must be specified for the mutual authentication mode 'verify'");
            }
            Rows.store(tx, scope, wanted.trustStoreArn());
            return wanted.ignoreClientCertificateExpiry(Boolean.TRUE.equals(wanted.ignoreClientCertificateExpiry()))
                    .advertiseTrustStoreCaNames(
                            wanted.advertiseTrustStoreCaNames() == null ? "off" : wanted.advertiseTrustStoreCaNames());
        }
        if (wanted.trustStoreArn() != null) {
            throw ElbFaults.validation(
                    "A trust store can only be specified for the mutual authentication mode 'verify'");
        }
        return new MutualAuthenticationAttributes().mode(mode);
    }

    static Listener told(ReadTx tx, Scope scope, ListenerRow row) {
        List<Action> actions = Rows.rules(tx, scope, row.id()).stream()
                .filter(RuleRow::isDefault)
                .flatMap(each -> each.actions().stream())
                .toList();
        return new Listener()
                .listenerArn(ElbTables.listenerArn(scope, row.id()))
                .loadBalancerArn(ElbTables.balancerArn(scope, row.balancer()))
                .port(row.port())
                .protocol(row.protocol())
                .certificates(
                        row.certificates().isEmpty()
                                ? List.of()
                                : List.of(new Certificate()
                                        .certificateArn(row.certificates().getFirst())))
                .sslPolicy(row.sslPolicy())
                .alpnPolicy(row.alpn() == null ? List.of() : List.of(row.alpn()))
                .mutualAuthentication(row.mutual())
                .defaultActions(Actions.told(actions));
    }

    ModifyListenerOutput modify(ModifyListenerInput in, Call call) {
        Scope scope = Rows.scope(call);
        ListenerRow known = store.read(tx -> Rows.listener(tx, scope, in.listenerArn()));
        String protocol = in.protocol() == null ? known.protocol() : in.protocol();
        int port = in.port() == null ? known.port() : in.port();
        boolean other = encrypted(protocol) != encrypted(known.protocol());
        List<String> certified = in.certificates().isEmpty() && !other
                ? known.certificates()
                : certified(scope, protocol, in.certificates());
        Listener after = store.transact(tx -> {
            ListenerRow row = Rows.listener(tx, scope, in.listenerArn());
            BalancerRow balancer = Rows.balancer(tx, scope, ElbTables.balancerArn(scope, row.balancer()));
            protocol(balancer, protocol);
            free(Rows.listeners(tx, scope, row.balancer()), port, protocol, row.id());
            List<String> all = new ArrayList<>(certified);
            if (!other && !in.certificates().isEmpty()) {
                row.certificates().stream()
                        .skip(1)
                        .filter(each -> !all.contains(each))
                        .forEach(all::add);
            }
            ListenerRow now = new ListenerRow(
                    row.id(),
                    row.balancer(),
                    port,
                    protocol,
                    in.sslPolicy() == null && !other ? row.sslPolicy() : policy(protocol, in.sslPolicy()),
                    all,
                    in.alpnPolicy().isEmpty() && !other ? row.alpn() : alpn(protocol, in.alpnPolicy()),
                    in.mutualAuthentication() == null && !other
                            ? row.mutual()
                            : mutual(tx, scope, protocol, in.mutualAuthentication()),
                    row.attributes(),
                    row.tags());
            tx.put(ElbTables.LISTENERS, scope.key(row.id()), now);
            if (!in.defaultActions().isEmpty()) {
                RuleRow rule = Rows.rules(tx, scope, row.id()).getLast();
                List<Action> actions =
                        Actions.checked(tx, scope, balancer, protocol, in.defaultActions(), rule.actions());
                tx.put(ElbTables.RULES, scope.key(rule.id()), rule.doing(actions));
            }
            return told(tx, scope, now);
        });
        return new ModifyListenerOutput().listeners(List.of(after));
    }

    DeleteListenerOutput delete(DeleteListenerInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> delete(tx, scope, Rows.listener(tx, scope, in.listenerArn())));
        return new DeleteListenerOutput();
    }

    static void delete(WriteTx tx, Scope scope, ListenerRow row) {
        Rows.rules(tx, scope, row.id()).forEach(each -> tx.delete(ElbTables.RULES, scope.key(each.id())));
        tx.delete(ElbTables.LISTENERS, scope.key(row.id()));
    }

    DescribeListenersOutput describe(DescribeListenersInput in, Call call) {
        Scope scope = Rows.scope(call);
        String balancer = in.loadBalancerArn();
        List<String> arns = in.listenerArns();
        if ((balancer == null) == arns.isEmpty()) {
            throw ElbFaults.validation("You must specify either listener ARNs or a load balancer ARN");
        }
        List<Listener> all = store.read(tx -> {
            List<ListenerRow> rows = balancer == null
                    ? arns.stream().map(arn -> Rows.listener(tx, scope, arn)).toList()
                    : Rows.listeners(
                            tx, scope, Rows.balancer(tx, scope, balancer).id());
            return rows.stream().map(each -> told(tx, scope, each)).toList();
        });
        Page<Listener> page = pager.list(
                all,
                each -> String.valueOf(each.listenerArn()),
                "DescribeListeners " + scope + balancer + arns,
                in.marker(),
                Balancers.size(in.pageSize()));
        return new DescribeListenersOutput().listeners(page.items()).nextMarker(page.next());
    }

    DescribeListenerAttributesOutput attributes(DescribeListenerAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        ListenerRow row = store.read(tx -> Rows.listener(tx, scope, in.listenerArn()));
        return new DescribeListenerAttributesOutput().attributes(attributes(row));
    }

    private static List<ListenerAttribute> attributes(ListenerRow row) {
        return Settings.of(row).all(row.attributes()).entrySet().stream()
                .map(each -> new ListenerAttribute().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    ModifyListenerAttributesOutput modify(ModifyListenerAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        Map<String, String> changes = new LinkedHashMap<>();
        in.attributes()
                .forEach(each -> changes.put(String.valueOf(each.key()), each.value() == null ? "" : each.value()));
        ListenerRow after = store.transact(tx -> {
            ListenerRow row = Rows.listener(tx, scope, in.listenerArn());
            ListenerRow now = row.attributes(Settings.of(row).changed(row.attributes(), changes, "Listener"));
            tx.put(ElbTables.LISTENERS, scope.key(row.id()), now);
            return now;
        });
        return new ModifyListenerAttributesOutput().attributes(attributes(after));
    }

    AddListenerCertificatesOutput add(AddListenerCertificatesInput in, Call call) {
        Scope scope = Rows.scope(call);
        List<String> more = exist(scope, in.certificates());
        store.write(tx -> {
            ListenerRow row = Rows.listener(tx, scope, in.listenerArn());
            if (!encrypted(row.protocol())) {
                throw ElbFaults.validation(
                        "Certificates cannot be added to listeners with the protocol '" + row.protocol() + "'");
            }
            List<String> all = new ArrayList<>(row.certificates());
            more.stream().filter(each -> !all.contains(each)).forEach(all::add);
            if (all.size() > MOST_CERTIFICATES + 1) {
                throw Fault.of(
                        new TooManyCertificatesException(),
                        "You have reached the maximum number of certificates for this load balancer");
            }
            tx.put(ElbTables.LISTENERS, scope.key(row.id()), row.certified(all));
        });
        return new AddListenerCertificatesOutput()
                .certificates(more.stream()
                        .map(each -> new Certificate().certificateArn(each).isDefault(false))
                        .toList());
    }

    RemoveListenerCertificatesOutput remove(RemoveListenerCertificatesInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            ListenerRow row = Rows.listener(tx, scope, in.listenerArn());
            List<String> all = new ArrayList<>(row.certificates());
            for (Certificate each : in.certificates()) {
                if (!all.isEmpty() && all.getFirst().equals(each.certificateArn())) {
                    throw ElbFaults.notPermitted("The default certificate cannot be removed from a listener");
                }
                all.remove(each.certificateArn());
            }
            tx.put(ElbTables.LISTENERS, scope.key(row.id()), row.certified(all));
        });
        return new RemoveListenerCertificatesOutput();
    }

    DescribeListenerCertificatesOutput certificates(DescribeListenerCertificatesInput in, Call call) {
        Scope scope = Rows.scope(call);
        ListenerRow row = store.read(tx -> Rows.listener(tx, scope, in.listenerArn()));
        Page<String> page = pager.list(
                row.certificates(),
                each -> each,
                "DescribeListenerCertificates " + row.id(),
                in.marker(),
                Balancers.size(in.pageSize()));
        return new DescribeListenerCertificatesOutput()
                .certificates(page.items().stream()
                        .map(each -> new Certificate()
                                .certificateArn(each)
                                .isDefault(each.equals(row.certificates().getFirst())))
                        .toList())
                .nextMarker(page.next());
    }
}
