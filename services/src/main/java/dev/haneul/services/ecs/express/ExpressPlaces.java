package dev.haneul.services.ecs.express;

import dev.haneul.api.ec2.DescribeRouteTablesRequest;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.DescribeVpcsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.Filter;
import dev.haneul.api.ec2.RouteTable;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.ec2.Vpc;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.express.ExpressTables.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds where Express services go: given subnets, or the public ones of the default VPC. */
final class ExpressPlaces {
    private static final String FIELD = "networkConfiguration.subnets";
    private static final String EVERYBODY = "0.0.0.0/0";
    private static final int LEAST_ZONES = 2;
    private static final int MOST_SUBNETS = 16;

    private final EcsRoom room;
    private final Ec2Client ec2;

    ExpressPlaces(EcsRoom room) {
        this.room = room;
        this.ec2 = new Ec2Client(room.caller());
    }

    /**
     * The place of a service. Where all its subnets reach the internet, its balancer faces the internet; where none does,
     * it is internal.
     *
     * @param given empty for the default VPC's public ones
     * @throws Fault InvalidParameterException where there is none such
     */
    Place find(Scope scope, List<String> given) {
        Call call = room.inside(scope);
        List<Subnet> asked = given.isEmpty() ? ofDefault(call) : of(call, given);
        Set<String> vpcs =
                asked.stream().map(each -> String.valueOf(each.vpcId())).collect(Collectors.toSet());
        if (vpcs.size() > 1) {
            throw EcsFaults.invalid(FIELD + " must be of one VPC.");
        }
        String vpc = vpcs.iterator().next();
        List<RouteTable> tables = tables(call, vpc);
        List<Subnet> subnets = given.isEmpty() ? open(tables, asked) : asked;
        Map<String, String> zones = new TreeMap<>();
        subnets.forEach(each -> zones.putIfAbsent(String.valueOf(each.availabilityZone()), id(each)));
        if (zones.size() < LEAST_ZONES) {
            throw EcsFaults.invalid(FIELD + " must be in at least two Availability Zones.");
        }
        long open = subnets.stream().filter(each -> open(tables, id(each))).count();
        if (open > 0 && open < subnets.size()) {
            throw EcsFaults.invalid(FIELD + " must be all public or all private.");
        }
        String cidr = open > 0
                ? EVERYBODY
                : ec2.describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(vpc)), call).vpcs().stream()
                        .map(Vpc::cidrBlock)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow(() -> EcsFaults.invalid(FIELD + ": there is no VPC " + vpc + "."));
        return new Place(
                vpc,
                open == 0,
                subnets.stream().map(ExpressPlaces::id).toList(),
                new ArrayList<>(zones.values()),
                cidr);
    }

    private static String id(Subnet subnet) {
        return String.valueOf(subnet.subnetId());
    }

    private List<Subnet> of(Call call, List<String> given) {
        if (given.size() > MOST_SUBNETS) {
            throw EcsFaults.invalid(FIELD + " can have at most " + MOST_SUBNETS + " items.");
        }
        try {
            return ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(given), call)
                    .subnets();
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw EcsFaults.invalid(FIELD + ": " + fault.message());
        }
    }

    private List<Subnet> ofDefault(Call call) {
        String vpc = ec2
                .describeVpcs(new DescribeVpcsRequest().filters(List.of(filter("is-default", "true"))), call)
                .vpcs()
                .stream()
                .map(Vpc::vpcId)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> EcsFaults.invalid("There is no default VPC. Create one, or specify " + FIELD + "."));
        List<Subnet> all = ec2.describeSubnets(
                        new DescribeSubnetsRequest().filters(List.of(filter("vpc-id", vpc))), call)
                .subnets();
        if (all.isEmpty()) {
            throw noneOpen();
        }
        return all;
    }

    /** Those that reach the internet, of which there must be one. */
    private static List<Subnet> open(List<RouteTable> tables, List<Subnet> among) {
        List<Subnet> found = among.stream()
                .filter(each -> open(tables, id(each)))
                .limit(MOST_SUBNETS)
                .toList();
        if (found.isEmpty()) {
            throw noneOpen();
        }
        return found;
    }

    private static Fault noneOpen() {
        return EcsFaults.invalid("The default VPC has no public subnets. Specify " + FIELD + ".");
    }

    private List<RouteTable> tables(Call call, String vpc) {
        return ec2.describeRouteTables(new DescribeRouteTablesRequest().filters(List.of(filter("vpc-id", vpc))), call)
                .routeTables();
    }

    static Filter filter(String name, String value) {
        return new Filter().name(name).values(List.of(value));
    }

    /** Whether a subnet's routes, its own or else the VPC's main ones, lead to an internet gateway. */
    private static boolean open(List<RouteTable> tables, String subnet) {
        RouteTable own = tables.stream()
                .filter(table -> table.associations().stream().anyMatch(each -> subnet.equals(each.subnetId())))
                .findFirst()
                .or(() -> tables.stream()
                        .filter(table ->
                                table.associations().stream().anyMatch(each -> Boolean.TRUE.equals(each.main())))
                        .findFirst())
                .orElse(null);
        return own != null
                && own.routes().stream()
                        .anyMatch(route -> EVERYBODY.equals(route.destinationCidrBlock())
                                && String.valueOf(route.gatewayId()).startsWith("igw-"));
    }
}
