package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.EgressOnlyInternetGateway;
import dev.haneul.api.ec2.FlowLog;
import dev.haneul.api.ec2.InternetGateway;
import dev.haneul.api.ec2.ManagedPrefixList;
import dev.haneul.api.ec2.NatGateway;
import dev.haneul.api.ec2.NetworkAcl;
import dev.haneul.api.ec2.PrefixListEntry;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.SecurityGroup;
import dev.haneul.api.ec2.SecurityGroupRule;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ec2.VpcPeeringConnection;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import dev.haneul.services.ec2.network.Nets.VpcRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything that decides what networks do, of all accounts, from one moment. Ids are unique across them.
 *
 * @param prefixLists the blocks of each prefix list
 * @param flowLogged ids of networks, subnets and interfaces with a flow log
 */
public record NetworkTables(
        List<VpcRow> vpcs,
        List<Subnet> subnets,
        List<RouteTable> routeTables,
        List<InternetGateway> internetGateways,
        List<EgressOnlyInternetGateway> egressOnlyGateways,
        List<NatGateway> natGateways,
        List<InterfaceRow> interfaces,
        List<SecurityGroup> groups,
        List<SecurityGroupRule> rules,
        List<NetworkAcl> acls,
        List<VpcPeeringConnection> peerings,
        Map<String, List<String>> prefixLists,
        Set<String> flowLogged) {
    private static final int PAGE = 1000;

    /** Reads them. */
    static NetworkTables read(ReadTx tx) {
        Map<String, VpcPeeringConnection> peerings = new TreeMap<>();
        all(tx, Nets.PEERINGS.table()).forEach(row -> peerings.put(row.key().id(), row.value()));
        Map<String, List<String>> lists = new HashMap<>();
        for (Row<ManagedPrefixList> row : all(tx, Nets.PREFIX_LISTS.table())) {
            lists.put(
                    row.key().id(),
                    PrefixListOperations.entries(tx, row.key().scope(), row.value()).stream()
                            .map(PrefixListEntry::cidr)
                            .map(Nets::known)
                            .toList());
        }
        return new NetworkTables(
                values(tx, Nets.VPCS.table()),
                values(tx, Nets.SUBNETS.table()),
                values(tx, Nets.ROUTE_TABLES.table()),
                values(tx, Nets.INTERNET_GATEWAYS.table()),
                values(tx, Nets.EGRESS_GATEWAYS.table()),
                values(tx, Nets.NAT_GATEWAYS.table()),
                values(tx, Nets.INTERFACES.table()),
                values(tx, Nets.GROUPS.table()),
                values(tx, Nets.RULES.table()),
                values(tx, Nets.ACLS.table()),
                List.copyOf(peerings.values()),
                lists,
                values(tx, Nets.FLOW_LOGS.table()).stream()
                        .map(FlowLog::resourceId)
                        .map(Nets::known)
                        .collect(Collectors.toSet()));
    }

    private static <R> List<R> values(ReadTx tx, Table<R> table) {
        return all(tx, table).stream().map(Row::value).toList();
    }

    static <R> List<Row<R>> all(ReadTx tx, Table<R> table) {
        List<Row<R>> found = new ArrayList<>();
        Key after = null;
        while (true) {
            List<Row<R>> rows = tx.all(table, after, PAGE);
            found.addAll(rows);
            if (rows.size() < PAGE) {
                return found;
            }
            after = known(rows.getLast()).key();
        }
    }

    /** The tables whose changes change networks. */
    static Set<String> sources() {
        return Set.of(
                Nets.VPCS.table().name(),
                Nets.SUBNETS.table().name(),
                Nets.ROUTE_TABLES.table().name(),
                Nets.INTERNET_GATEWAYS.table().name(),
                Nets.EGRESS_GATEWAYS.table().name(),
                Nets.NAT_GATEWAYS.table().name(),
                Nets.INTERFACES.table().name(),
                Nets.GROUPS.table().name(),
                Nets.RULES.table().name(),
                Nets.ACLS.table().name(),
                Nets.PEERINGS.table().name(),
                Nets.PREFIX_LISTS.table().name(),
                Nets.FLOW_LOGS.table().name());
    }
}
