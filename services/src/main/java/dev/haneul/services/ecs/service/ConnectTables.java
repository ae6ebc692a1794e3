package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceConnectServiceResource;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What is kept of Service Connect: what each service says of it, and the addresses of names. */
final class ConnectTables {
    /** By the ARN of the namespace. */
    static final String NAMESPACE = "namespace";

    /** What services say, by {@link ServiceRow#id}. */
    static final Table<ConnectRow> CONNECTS = Table.of(
            "ecs.service_connect",
            RecordCodecs.of(ConnectRow.class),
            new Table.Index<>(NAMESPACE, row -> row.enabled() ? List.of(row.namespace()) : List.of()));

    /** Names of a namespace, by {@code NAMESPACE-ID/name}. */
    static final Table<AliasRow> ALIASES = Table.of(
            "ecs.connect_alias",
            RecordCodecs.of(AliasRow.class),
            new Table.Index<>(NAMESPACE, row -> List.of(row.namespace())));

    static final List<Table<?>> ALL = List.of(CONNECTS, ALIASES);

    private static final int MOST_ALIASES = 60_000;
    private static final int BYTE = 256;

    private ConnectTables() {}

    /**
     * What a service says.
     *
     * @param told with the namespace's ARN
     * @param resources the services of Cloud Map that stand for its endpoints
     */
    record ConnectRow(String service, ServiceConnectConfiguration told, List<ServiceConnectServiceResource> resources) {
        boolean enabled() {
            return Boolean.TRUE.equals(told.enabled());
        }

        String namespace() {
            return Objects.requireNonNullElse(told.namespace(), "");
        }
    }

    /** A name that clients know, and its number in the namespace: the name's address in every task is made of it. */
    record AliasRow(String namespace, String name, int number) {
        /** As on AWS, in {@code 127.255.0.0/16}. */
        String address() {
            return "127.255." + number / BYTE + "." + number % BYTE;
        }
    }

    static Optional<ConnectRow> of(ReadTx tx, Scope scope, String service) {
        return tx.get(CONNECTS, scope.key(service)).map(Row::value);
    }

    /** What active services of a namespace say. */
    static List<ConnectRow> in(ReadTx tx, Scope scope, String namespace) {
        return EcsTables.every(tx, CONNECTS, scope, NAMESPACE, namespace).stream()
                .filter(row -> tx.get(ServiceTables.SERVICES, scope.key(row.service()))
                        .filter(service -> service.value().active())
                        .isPresent())
                .toList();
    }

    /** Writes what a service says; its names get their addresses. */
    static void put(WriteTx tx, Scope scope, ConnectRow row) {
        tx.put(CONNECTS, scope.key(row.service()), row);
        if (row.enabled()) {
            row.told().services().stream()
                    .flatMap(
                            each -> each.clientAliases().stream().map(alias -> Objects.requireNonNull(alias.dnsName())))
                    .distinct()
                    .forEach(name -> number(tx, scope, row.namespace(), name));
        }
    }

    private static void number(WriteTx tx, Scope scope, String namespace, String name) {
        Key key = scope.key(namespace.substring(namespace.lastIndexOf('/') + 1) + "/" + name);
        if (tx.get(ALIASES, key).isPresent()) {
            return;
        }
        int next = Stream.concat(
                                Stream.of(0),
                                EcsTables.every(tx, ALIASES, scope, NAMESPACE, namespace).stream()
                                        .map(AliasRow::number))
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(0)
                + 1;
        if (next > MOST_ALIASES) {
            throw EcsFaults.limit("A namespace can have at most " + MOST_ALIASES + " client aliases.");
        }
        tx.put(ALIASES, key, new AliasRow(namespace, name, next));
    }

    /** The names of a namespace. */
    static List<AliasRow> aliases(ReadTx tx, Scope scope, String namespace) {
        return EcsTables.every(tx, ALIASES, scope, NAMESPACE, namespace);
    }
}
