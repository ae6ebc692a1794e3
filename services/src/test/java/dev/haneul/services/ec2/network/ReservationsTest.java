package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.NetworkRig.ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReservationsTest {
    private final NetworkRig rig = new NetworkRig();
    private final Call call = NetworkRig.call(ONE);

    @AfterEach
    void close() {
        rig.close();
    }

    private String address(String subnet, String wanted) {
        return rig.ec2
                .createNetworkInterface(
                        new CreateNetworkInterfaceRequest().subnetId(subnet).privateIpAddress(wanted), call)
                .networkInterface()
                .privateIpAddress();
    }

    @Test
    void whatIsReservedIsGivenOnlyWhenAskedForByAddress() {
        String vpc = rig.ec2
                .createVpc(new CreateVpcRequest().cidrBlock("10.0.0.0/16"), call)
                .vpc()
                .vpcId();
        String subnet = rig.ec2
                .createSubnet(new CreateSubnetRequest().vpcId(vpc).cidrBlock("10.0.0.0/28"), call)
                .subnet()
                .subnetId();
        CreateSubnetCidrReservationRequest upper = new CreateSubnetCidrReservationRequest()
                .subnetId(subnet)
                .cidr("10.0.0.8/29")
                .reservationType("explicit");
        String id = rig.ec2
                .createSubnetCidrReservation(upper, call)
                .subnetCidrReservation()
                .subnetCidrReservationId();
        assertThatThrownBy(() -> rig.ec2.createSubnetCidrReservation(upper, call))
                .hasMessageContaining("overlaps");
        List<String> given = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            given.add(address(subnet, null));
        }
        assertThat(given).containsExactlyInAnyOrder("10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7");
        assertThatThrownBy(() -> address(subnet, null)).hasMessageContaining("not enough free addresses");
        assertThat(address(subnet, "10.0.0.9")).isEqualTo("10.0.0.9");

        assertThat(rig.ec2
                        .getSubnetCidrReservations(new GetSubnetCidrReservationsRequest().subnetId(subnet), call)
                        .subnetIpv4CidrReservations())
                .singleElement()
                .satisfies(each -> assertThat(each.cidr()).isEqualTo("10.0.0.8/29"));
        rig.ec2.deleteSubnetCidrReservation(new DeleteSubnetCidrReservationRequest().subnetCidrReservationId(id), call);
        assertThat(address(subnet, null)).isNotEqualTo("10.0.0.9");
        assertThat(rig.ec2
                        .getSecurityGroupsForVpc(new GetSecurityGroupsForVpcRequest().vpcId(vpc), call)
                        .securityGroupForVpcs())
                .singleElement()
                .satisfies(each -> assertThat(each.groupName()).isEqualTo("default"));
    }

    @Test
    void elasticIpsHaveReverseNames() {
        String id = rig.ec2.allocateAddress(new AllocateAddressRequest(), call).allocationId();
        assertThat(rig.ec2
                        .modifyAddressAttribute(
                                new ModifyAddressAttributeRequest()
                                        .allocationId(id)
                                        .domainName("mail.example.com"),
                                call)
                        .address()
                        .ptrRecord())
                .isEqualTo("mail.example.com.");
        assertThatThrownBy(() -> rig.ec2.modifyAddressAttribute(
                        new ModifyAddressAttributeRequest().allocationId(id).domainName("no name"), call))
                .hasMessageContaining("DomainName");
        DescribeAddressesAttributeRequest asked = new DescribeAddressesAttributeRequest()
                .allocationIds(List.of(id))
                .attribute("domain-name");
        assertThat(rig.ec2
                        .describeAddressesAttribute(asked, call)
                        .addresses()
                        .getFirst()
                        .ptrRecord())
                .isEqualTo("mail.example.com.");
        rig.ec2.resetAddressAttribute(
                new ResetAddressAttributeRequest().allocationId(id).attribute("domain-name"), call);
        assertThat(rig.ec2
                        .describeAddressesAttribute(asked, call)
                        .addresses()
                        .getFirst()
                        .ptrRecord())
                .isNull();
    }
}
