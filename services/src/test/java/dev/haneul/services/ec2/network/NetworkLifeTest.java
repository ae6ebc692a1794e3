package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.NetworkRig.ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.fabric.vpc.NetworkPlan;
import dev.haneul.fabric.vpc.VpcFabric.FlowRecord;
import dev.haneul.fabric.vpc.VpcFabric.InterfaceUsage;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to networks with time, and to the machine under them. */
class NetworkLifeTest {
    private final NetworkRig rig = new NetworkRig();
    private final Call call = NetworkRig.call(ONE);
    private final Scope scope = NetworkRig.scope(ONE);

    @AfterEach
    void close() {
        rig.close();
    }

    private String subnet() {
        return rig.ec2
                .describeSubnets(new DescribeSubnetsRequest(), call)
                .subnets()
                .getFirst()
                .subnetId();
    }

    /** An instance's first interface, in the default network. */
    private String launched(String instance) {
        String subnet = subnet();
        return rig.store.transact(tx -> {
            Interfaces.Spec spec = new Interfaces.Spec(
                    subnet, null, List.of(), null, List.of(), 0, List.of(), 0, "interface", null, true);
            String eni = rig.network.interfaces().create(tx, scope, spec).id();
            rig.network.interfaces().attach(tx, scope, eni, instance, 0, true);
            rig.network.interfaces().started(tx, scope, instance);
            return eni;
        });
    }

    private String publicIp(String eni) {
        NetworkInterfaceAssociation association = rig.store
                .read(tx -> Nets.INTERFACES.require(tx, scope, eni))
                .shape()
                .association();
        return association == null ? null : association.publicIp();
    }

    @Test
    void recordsAloneChangeNothingInTheMachine() throws Exception {
        rig.ec2.createVpc(new CreateVpcRequest().cidrBlock("10.0.0.0/16"), call);
        rig.settle();
        assertThat(rig.fabric.times).isZero();
    }

    @Test
    void anInstanceBringsItsNetworkUpAndItsLeavingTakesItDown() throws Exception {
        String eni = launched("i-1");
        rig.settle();
        NetworkPlan plan = rig.fabric.applied;
        assertThat(plan.vpcs()).hasSize(1);
        assertThat(plan.interfaces()).hasSize(1);
        assertThat(plan.interfaces().getFirst().addresses().getFirst().publicAddress())
                .isEqualTo(publicIp(eni));
        assertThat(plan.routeTables().getFirst().routes())
                .anyMatch(route -> route.target() instanceof NetworkPlan.Target.InternetGateway);
        rig.store.write(tx -> rig.network.interfaces().delete(tx, scope, eni));
        rig.settle();
        assertThat(rig.fabric.applied).isEqualTo(NetworkPlan.EMPTY);
    }

    @Test
    void aStopTakesTheAutomaticAddressAndAnElasticOneStays() {
        String eni = launched("i-1");
        String first = publicIp(eni);
        assertThat(first).isNotNull();
        rig.store.write(tx -> rig.network.interfaces().stopped(tx, scope, "i-1"));
        assertThat(publicIp(eni)).isNull();
        rig.store.write(tx -> rig.network.interfaces().started(tx, scope, "i-1"));
        assertThat(publicIp(eni)).isNotNull();

        AllocateAddressResult elastic = rig.ec2.allocateAddress(new AllocateAddressRequest(), call);
        String association = rig.ec2
                .associateAddress(
                        new AssociateAddressRequest()
                                .allocationId(elastic.allocationId())
                                .instanceId("i-1"),
                        call)
                .associationId();
        assertThat(publicIp(eni)).isEqualTo(elastic.publicIp());
        List<Row<Nets.PublicRow>> taken = rig.store.read(tx -> tx.all(Nets.PUBLIC, null, 10));
        assertThat(taken).as("the automatic address went back").hasSize(1);
        rig.store.write(tx -> rig.network.interfaces().stopped(tx, scope, "i-1"));
        assertThat(publicIp(eni)).isEqualTo(elastic.publicIp());

        rig.ec2.disassociateAddress(new DisassociateAddressRequest().associationId(association), call);
        assertThat(publicIp(eni)).isNotNull().isNotEqualTo(elastic.publicIp());
    }

    @Test
    void aServiceGivesItsOwnInterfaceAnAccountsAddressAndNobodyElseDoes() {
        Call service = new Call(
                OnBehalf.of("elasticloadbalancing.amazonaws.com", "balancer", scope.account()),
                call.account(),
                call.region(),
                "r",
                Instant.MAX,
                Call.Origin.inside("elasticloadbalancing.amazonaws.com"));
        NetworkInterface made = rig.ec2
                .createNetworkInterface(
                        new CreateNetworkInterfaceRequest().subnetId(subnet()).interfaceType("network_load_balancer"),
                        service)
                .networkInterface();
        assertThat(made.sourceDestCheck()).as("it speaks for its clients").isFalse();
        AssociateAddressRequest wanted = new AssociateAddressRequest()
                .allocationId(rig.ec2
                        .allocateAddress(new AllocateAddressRequest(), call)
                        .allocationId())
                .networkInterfaceId(made.networkInterfaceId());
        assertThatThrownBy(() -> rig.ec2.associateAddress(wanted, call)).hasMessageContaining("ela-attach");
        rig.ec2.associateAddress(wanted, service);
        assertThat(publicIp(made.networkInterfaceId())).isNotNull();
    }

    @Test
    void aNatGatewayComesGoesAndIsForgottenAfterAnHour() throws Exception {
        String allocation =
                rig.ec2.allocateAddress(new AllocateAddressRequest(), call).allocationId();
        String id = rig.ec2
                .createNatGateway(
                        new CreateNatGatewayRequest().subnetId(subnet()).allocationId(allocation), call)
                .natGateway()
                .natGatewayId();
        assertThat(state(id)).isEqualTo("pending");
        rig.advance(Duration.ofSeconds(2));
        assertThat(state(id)).isEqualTo("available");
        rig.ec2.deleteNatGateway(new DeleteNatGatewayRequest().natGatewayId(id), call);
        assertThat(state(id)).isEqualTo("deleting");
        rig.advance(Duration.ofSeconds(2));
        assertThat(state(id)).isEqualTo("deleted");
        rig.ec2.releaseAddress(new ReleaseAddressRequest().allocationId(allocation), call);
        rig.advance(Duration.ofHours(2));
        assertThat(rig.ec2
                        .describeNatGateways(new DescribeNatGatewaysRequest(), call)
                        .natGateways())
                .isEmpty();
    }

    private String state(String nat) {
        return rig.ec2
                .describeNatGateways(new DescribeNatGatewaysRequest().natGatewayIds(List.of(nat)), call)
                .natGateways()
                .getFirst()
                .state();
    }

    @Test
    void aPeeringNobodyAcceptsExpires() throws Exception {
        String one = rig.ec2
                .createVpc(new CreateVpcRequest().cidrBlock("10.1.0.0/16"), call)
                .vpc()
                .vpcId();
        String other = rig.ec2
                .createVpc(new CreateVpcRequest().cidrBlock("10.2.0.0/16"), call)
                .vpc()
                .vpcId();
        rig.ec2.createVpcPeeringConnection(
                new CreateVpcPeeringConnectionRequest().vpcId(one).peerVpcId(other), call);
        rig.advance(Duration.ofDays(7).plusMinutes(1));
        assertThat(rig.ec2
                        .describeVpcPeeringConnections(new DescribeVpcPeeringConnectionsRequest(), call)
                        .vpcPeeringConnections()
                        .getFirst()
                        .status()
                        .code())
                .isEqualTo("expired");
    }

    @Test
    void addressesAndBytesAreUsageFacts() throws Exception {
        String eni = launched("i-1");
        String idle =
                rig.ec2.allocateAddress(new AllocateAddressRequest(), call).allocationId();
        rig.fabric.usage.put(eni, new InterfaceUsage(900, 500, 100, 200, 10, 20, 0, 0));
        rig.advance(Duration.ofHours(1));
        rig.fabric.usage.put(eni, new InterfaceUsage(900, 500, 100, 250, 10, 20, 0, 0));
        rig.advance(Duration.ofHours(1));
        // A step at a moment that the clock passed on its way tells of the rest a period later.
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.used.get("PublicIPv4:InUseAddress " + eni)).isBetween(1.9, 2.1);
        assertThat(rig.used.get("PublicIPv4:IdleAddress " + idle)).isBetween(1.9, 2.1);
        assertThat(rig.used.get("DataTransfer-Out-Bytes i-1")).isEqualTo(250);
        assertThat(rig.used.get("DataTransfer-In-Bytes i-1")).isEqualTo(100);
        assertThat(rig.used.get("DataTransfer-Regional-Bytes i-1")).isEqualTo(30);
    }

    @Test
    void whatANatGatewayCarriesIsAUsageFact() throws Exception {
        String allocation =
                rig.ec2.allocateAddress(new AllocateAddressRequest(), call).allocationId();
        String id = rig.ec2
                .createNatGateway(
                        new CreateNatGatewayRequest().subnetId(subnet()).allocationId(allocation), call)
                .natGateway()
                .natGatewayId();
        rig.fabric.usage.put(id, new InterfaceUsage(900, 500, 100, 200, 0, 0, 0, 0));
        rig.advance(Duration.ofHours(1));
        rig.fabric.usage.put(id, new InterfaceUsage(900, 500, 100, 250, 0, 0, 0, 0));
        rig.advance(Duration.ofHours(1));
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.used.get("NatGateway-Bytes " + id)).isEqualTo(350);
        assertThat(rig.used.get("NatGateway-Hours " + id)).isBetween(1.9, 2.1);
    }

    private FlowLog logged(CreateFlowLogsRequest wanted) {
        String id = rig.ec2
                .createFlowLogs(wanted.resourceType("NetworkInterface").trafficType("REJECT"), call)
                .flowLogIds()
                .getFirst();
        return rig.ec2
                .describeFlowLogs(new DescribeFlowLogsRequest().flowLogIds(List.of(id)), call)
                .flowLogs()
                .getFirst();
    }

    private FlowRecord flow(String eni, boolean accepted) {
        Instant now = rig.clock.instant();
        return new FlowRecord(
                eni, false, "10.0.0.9", "172.31.0.5", 40000, 22, 6, 3, 180, now.minusSeconds(30), now, accepted);
    }

    @Test
    void aFlowLogBringsWhatItWantsToItsBucket() throws Exception {
        String eni = launched("i-1");
        logged(new CreateFlowLogsRequest()
                .resourceIds(List.of(eni))
                .logDestinationType("s3")
                .logDestination("arn:aws:s3:::logs/mine/")
                .logFormat("${interface-id} ${dstport} ${action} ${flow-direction} ${instance-id} ${tcp-flags}"));
        rig.fabric.flows.addAll(List.of(flow(eni, true), flow(eni, false)));
        rig.advance(Duration.ofMinutes(2));
        PutObjectRequest put = (PutObjectRequest) rig.asked.get("PutObject");
        assertThat(put.bucket()).isEqualTo("logs");
        assertThat(put.key())
                .startsWith("mine/AWSLogs/" + ONE + "/vpcflowlogs/us-east-1/2026/01/02/" + ONE + "_vpcflowlogs_");
        try (GZIPInputStream in = new GZIPInputStream(put.body().stream())) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("interface-id dstport action flow-direction instance-id tcp-flags\n" + eni
                            + " 22 REJECT ingress i-1 -\n");
        }
    }

    @Test
    void aFlowLogSaysThatItCannotDeliver() throws Exception {
        String eni = launched("i-1");
        FlowLog log = logged(new CreateFlowLogsRequest()
                .resourceIds(List.of(eni))
                .logGroupName("flows")
                .deliverLogsPermissionArn("arn:aws:iam::" + ONE + ":role/flows"));
        assertThat(log.deliverLogsStatus()).isEqualTo("SUCCESS");
        rig.fabric.flows.add(flow(eni, false));
        rig.advance(Duration.ofMinutes(2));
        assertThat(rig.ec2
                        .describeFlowLogs(new DescribeFlowLogsRequest(), call)
                        .flowLogs()
                        .getFirst()
                        .deliverLogsStatus())
                .isEqualTo("FAILED");
    }
}
