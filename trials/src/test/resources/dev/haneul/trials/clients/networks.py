"""Virtual networks with boto3: what is made, what is refused and how, what depends on what."""
import json
import os

import boto3
from botocore.exceptions import ClientError

keys = {"aws_access_key_id": os.environ["OTHER_ACCOUNT"], "aws_secret_access_key": "test"}
ec2 = boto3.client("ec2")
other = boto3.client("ec2", **keys)
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]
OTHER = boto3.client("sts", **keys).get_caller_identity()["Account"]


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def tagged(type, **tags):
    return [{"ResourceType": type, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]


def where(name, *values):
    return [{"Name": name, "Values": list(values)}]


def default_network():
    vpc = ec2.describe_vpcs(Filters=where("is-default", "true"))["Vpcs"][0]
    assert vpc["CidrBlock"] == "172.31.0.0/16", vpc
    subnets = ec2.describe_subnets(Filters=where("vpc-id", vpc["VpcId"]))["Subnets"]
    assert len(subnets) == 6 and all(s["DefaultForAz"] and s["MapPublicIpOnLaunch"] for s in subnets)
    assert all(s["AvailableIpAddressCount"] == 4091 for s in subnets)
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert {s["AvailabilityZone"] for s in subnets} == {z["ZoneName"] for z in zones}
    assert zones[0]["ZoneId"] == "use1-az1"
    routes = ec2.describe_route_tables(Filters=where("association.main", "true"))["RouteTables"][0]["Routes"]
    assert {r["DestinationCidrBlock"] for r in routes} == {"172.31.0.0/16", "0.0.0.0/0"}
    refused("DefaultVpcAlreadyExists", ec2.create_default_vpc)
    assert "us-east-1" in {r["RegionName"] for r in ec2.describe_regions()["Regions"]}
    refused("InvalidParameterValue", ec2.describe_regions, RegionNames=["moon-1"])


def vpcs_and_subnets():
    refused("InvalidParameterValue", ec2.create_vpc, CidrBlock="10.0.0.0/99")
    refused("InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/8")
    assert "would have succeeded" in refused("DryRunOperation", ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)
    refused("InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/29", DryRun=True)
    vpc = ec2.create_vpc(CidrBlock="10.0.7.9/16", TagSpecifications=tagged("vpc", Name="main", stage="test"))["Vpc"]
    assert vpc["CidrBlock"] == "10.0.0.0/16" and vpc["State"] == "pending", vpc
    id = vpc["VpcId"]
    assert len(id) == len("vpc-") + 17
    assert ec2.describe_vpcs(VpcIds=[id])["Vpcs"][0]["State"] == "available"
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
    refused("InvalidParameterValue", ec2.describe_vpcs, Filters=where("colour", "blue"))
    assert len(ec2.describe_vpcs(Filters=where("tag:Name", "m?in", "x"))["Vpcs"]) == 1
    assert len(ec2.describe_vpcs(Filters=where("tag:Name", "m*") + where("tag:stage", "prod"))["Vpcs"]) == 0

    refused("InvalidSubnet.Range", ec2.create_subnet, VpcId=id, CidrBlock="10.1.0.0/24")
    refused("InvalidParameterValue", ec2.create_subnet, VpcId=id, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1z")
    one = ec2.create_subnet(VpcId=id, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    assert one["AvailableIpAddressCount"] == 251 and one["AvailabilityZoneId"] == "use1-az2"
    refused("InvalidSubnet.Conflict", ec2.create_subnet, VpcId=id, CidrBlock="10.0.1.128/25")
    ec2.modify_subnet_attribute(SubnetId=one["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    assert ec2.describe_subnets(SubnetIds=[one["SubnetId"]])["Subnets"][0]["MapPublicIpOnLaunch"]

    refused("CidrConflict", ec2.associate_vpc_cidr_block, VpcId=id, CidrBlock="10.0.0.0/20")
    refused("InvalidVpc.Range", ec2.associate_vpc_cidr_block, VpcId=id, CidrBlock="192.168.0.0/20")
    more = ec2.associate_vpc_cidr_block(VpcId=id, CidrBlock="100.64.0.0/24")["CidrBlockAssociation"]
    two = ec2.create_subnet(VpcId=id, CidrBlock="100.64.0.0/28")["Subnet"]
    refused("InvalidCidrBlock.InUse", ec2.disassociate_vpc_cidr_block, AssociationId=more["AssociationId"])
    ec2.delete_subnet(SubnetId=two["SubnetId"])
    ec2.disassociate_vpc_cidr_block(AssociationId=more["AssociationId"])
    first = ec2.describe_vpcs(VpcIds=[id])["Vpcs"][0]["CidrBlockAssociationSet"][0]["AssociationId"]
    refused("OperationNotPermitted", ec2.disassociate_vpc_cidr_block, AssociationId=first)

    six = ec2.associate_vpc_cidr_block(VpcId=id, AmazonProvidedIpv6CidrBlock=True)["Ipv6CidrBlockAssociation"]
    assert six["Ipv6CidrBlock"].endswith("/56")
    block = six["Ipv6CidrBlock"].replace("/56", "/64")
    made = ec2.associate_subnet_cidr_block(SubnetId=one["SubnetId"], Ipv6CidrBlock=block)
    ec2.disassociate_subnet_cidr_block(AssociationId=made["Ipv6CidrBlockAssociation"]["AssociationId"])
    ec2.disassociate_vpc_cidr_block(AssociationId=six["AssociationId"])

    ec2.modify_vpc_attribute(VpcId=id, EnableDnsHostnames={"Value": True})
    assert ec2.describe_vpc_attribute(VpcId=id, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"]
    options = ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["inner.test"]}])
    options = options["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(VpcId=id, DhcpOptionsId=options)
    refused("DependencyViolation", ec2.delete_dhcp_options, DhcpOptionsId=options)
    ec2.associate_dhcp_options(VpcId=id, DhcpOptionsId="default")
    ec2.delete_dhcp_options(DhcpOptionsId=options)
    refused("DependencyViolation", ec2.delete_vpc, VpcId=id)
    return id, one["SubnetId"]


def limits_and_pages():
    made = []
    while len(made) < 4:
        try:
            made.append(ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])
        except ClientError as error:
            assert error.response["Error"]["Code"] == "VpcLimitExceeded", error
            break
    assert len(made) == 3, made
    for id in made:
        ec2.delete_vpc(VpcId=id)
    zones = ec2.describe_subnets(MaxResults=5)
    assert len(zones["Subnets"]) == 5 and zones["NextToken"]
    rest = ec2.describe_subnets(MaxResults=5, NextToken=zones["NextToken"])
    assert len(rest["Subnets"]) == 2 and "NextToken" not in rest
    refused("InvalidParameterValue", ec2.describe_subnets, MaxResults=5, NextToken="moonshine")


def tags(vpc):
    refused("InvalidParameterValue", ec2.create_tags, Resources=[vpc], Tags=[{"Key": "aws:x", "Value": "1"}])
    refused("InvalidVpcID.NotFound", ec2.create_tags, Resources=["vpc-0123456789abcdef0"], Tags=[{"Key": "a"}])
    refused("InvalidID", ec2.create_tags, Resources=["moon"], Tags=[{"Key": "a", "Value": ""}])
    many = [{"Key": f"k{i}", "Value": ""} for i in range(49)]
    refused("TagLimitExceeded", ec2.create_tags, Resources=[vpc], Tags=many)
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "owner", "Value": "me"}])
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "owner", "Value": "you"}])
    found = ec2.describe_tags(Filters=where("resource-id", vpc) + where("key", "owner"))["Tags"]
    assert found == [{"Key": "owner", "ResourceId": vpc, "ResourceType": "vpc", "Value": "me"}], found
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "owner"}])
    assert not ec2.describe_tags(Filters=where("resource-id", vpc) + where("key", "owner"))["Tags"]


def routes(vpc, subnet):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    default = dict(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    refused("InvalidParameterValue", ec2.create_route, GatewayId=gateway, **default)
    refused("Gateway.NotAttached", ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    refused("Resource.AlreadyAssociated", ec2.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(GatewayId=gateway, **default)
    refused("RouteAlreadyExists", ec2.create_route, GatewayId=gateway, **default)
    refused("InvalidRoute.NotFound", ec2.delete_route, RouteTableId=table, DestinationCidrBlock="9.9.9.9/32")
    refused("InvalidParameterValue", ec2.delete_route, RouteTableId=table, DestinationCidrBlock="10.0.0.0/16")
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    refused("DependencyViolation", ec2.delete_route_table, RouteTableId=table)
    second = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    refused("Resource.AlreadyAssociated", ec2.associate_route_table, RouteTableId=second, SubnetId=subnet)
    association = ec2.replace_route_table_association(AssociationId=association, RouteTableId=second)["NewAssociationId"]
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=second)
    main = ec2.describe_route_tables(Filters=where("vpc-id", vpc) + where("association.main", "true"))["RouteTables"][0]
    was = main["Associations"][0]["RouteTableAssociationId"]
    refused("InvalidParameterValue", ec2.disassociate_route_table, AssociationId=was)
    now = ec2.replace_route_table_association(AssociationId=was, RouteTableId=table)["NewAssociationId"]
    ec2.replace_route_table_association(AssociationId=now, RouteTableId=main["RouteTableId"])
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    route = ec2.describe_route_tables(RouteTableIds=[table], Filters=[])["RouteTables"][0]["Routes"][1]
    assert route["State"] == "blackhole", route
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return table, gateway


def groups(vpc):
    make = dict(GroupName="web", Description="web", VpcId=vpc)
    group = ec2.create_security_group(**make)["GroupId"]
    refused("InvalidGroup.Duplicate", ec2.create_security_group, **make)
    refused("InvalidParameterValue", ec2.create_security_group, GroupName="sg-x", Description="x", VpcId=vpc)

    def rule(protocol, low, high, **peers):
        return [{"IpProtocol": protocol, "FromPort": low, "ToPort": high, **peers}]

    ssh = rule("tcp", 22, 22, IpRanges=[{"CidrIp": "10.1.2.3/8", "Description": "inner"}])
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=ssh)["SecurityGroupRules"]
    assert made[0]["CidrIpv4"] == "10.0.0.0/8" and made[0]["Description"] == "inner", made
    told = refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=ssh)
    assert told == 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists', told
    bad = rule("tcp", 80, 22, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    refused("InvalidParameterValue", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=bad)
    bad = rule("tcp", 80, 80, IpRanges=[{"CidrIp": "0.0.0.0"}])
    refused("InvalidParameterValue", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=bad)
    bad = rule("tcp", 80, 80, UserIdGroupPairs=[{"GroupId": "sg-0123456789abcdef0"}])
    refused("InvalidGroup.NotFound", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=bad)
    itself = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=itself)
    told = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert len(told["IpPermissions"]) == 2 and told["IpPermissionsEgress"][0]["IpProtocol"] == "-1"
    rules = ec2.describe_security_group_rules(Filters=where("group-id", group))["SecurityGroupRules"]
    assert len(rules) == 3 and sum(r["IsEgress"] for r in rules) == 1
    change = {"IpProtocol": "tcp", "FromPort": 2222, "ToPort": 2222, "CidrIpv4": "10.0.0.0/8"}
    change = [{"SecurityGroupRuleId": made[0]["SecurityGroupRuleId"], "SecurityGroupRule": change}]
    ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=change)
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=group, IpPermissions=ssh)
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
    many = [{"CidrIp": f"10.0.{i}.0/24"} for i in range(61)]
    refused("RulesPerSecurityGroupLimitExceeded", ec2.authorize_security_group_ingress, GroupId=group,
            IpPermissions=rule("tcp", 1, 1, IpRanges=many))
    default = ec2.describe_security_groups(Filters=where("vpc-id", vpc) + where("group-name", "default"))
    refused("CannotDelete", ec2.delete_security_group, GroupId=default["SecurityGroups"][0]["GroupId"])
    return group


def acls(vpc, subnet):
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]
    assert [e["RuleNumber"] for e in acl["Entries"]] == [32767, 32767]
    id = acl["NetworkAclId"]
    entry = dict(NetworkAclId=id, RuleNumber=100, Protocol="tcp", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0")
    refused("MissingParameter", ec2.create_network_acl_entry, **entry)
    entry["PortRange"] = {"From": 80, "To": 80}
    ec2.create_network_acl_entry(**entry)
    refused("NetworkAclEntryAlreadyExists", ec2.create_network_acl_entry, **entry)
    ec2.replace_network_acl_entry(**{**entry, "RuleAction": "deny"})
    filters = where("vpc-id", vpc) + where("association.subnet-id", subnet)
    before = ec2.describe_network_acls(Filters=filters)["NetworkAcls"][0]
    assert before["IsDefault"]
    mine = [a for a in before["Associations"] if a["SubnetId"] == subnet][0]["NetworkAclAssociationId"]
    mine = ec2.replace_network_acl_association(AssociationId=mine, NetworkAclId=id)["NewAssociationId"]
    refused("DependencyViolation", ec2.delete_network_acl, NetworkAclId=id)
    ec2.replace_network_acl_association(AssociationId=mine, NetworkAclId=before["NetworkAclId"])
    ec2.delete_network_acl_entry(NetworkAclId=id, RuleNumber=100, Egress=False)
    ec2.delete_network_acl(NetworkAclId=id)


def interfaces(subnet, group):
    make = dict(SubnetId=subnet, Groups=[group])
    refused("InvalidParameterValue", ec2.create_network_interface, PrivateIpAddress="10.0.1.2", **make)
    refused("InvalidParameterValue", ec2.create_network_interface, PrivateIpAddress="10.0.2.9", **make)
    eni = ec2.create_network_interface(PrivateIpAddress="10.0.1.9", ClientToken="once", **make)["NetworkInterface"]
    again = ec2.create_network_interface(PrivateIpAddress="10.0.1.9", ClientToken="once", **make)["NetworkInterface"]
    id = eni["NetworkInterfaceId"]
    assert again["NetworkInterfaceId"] == id and eni["PrivateDnsName"] == "ip-10-0-1-9.ec2.internal"
    refused("IdempotentParameterMismatch", ec2.create_network_interface, ClientToken="once", SubnetId=subnet)
    refused("InvalidIPAddress.InUse", ec2.create_network_interface, PrivateIpAddress="10.0.1.9", **make)
    refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
    ec2.assign_private_ip_addresses(NetworkInterfaceId=id, SecondaryPrivateIpAddressCount=2)
    told = ec2.describe_network_interfaces(Filters=where("network-interface-id", id))["NetworkInterfaces"][0]
    assert len(told["PrivateIpAddresses"]) == 3 and told["Status"] == "available"
    assert ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"] == 248
    second = [a["PrivateIpAddress"] for a in told["PrivateIpAddresses"] if not a["Primary"]]
    ec2.unassign_private_ip_addresses(NetworkInterfaceId=id, PrivateIpAddresses=second[:1])
    refused("InvalidParameterValue", ec2.unassign_private_ip_addresses, NetworkInterfaceId=id, PrivateIpAddresses=["10.0.1.9"])
    ec2.modify_network_interface_attribute(NetworkInterfaceId=id, SourceDestCheck={"Value": False})
    refused("InvalidInstanceID.NotFound", ec2.attach_network_interface, NetworkInterfaceId=id,
            InstanceId="i-0123456789abcdef0", DeviceIndex=1)
    return id


def addresses(eni, vpc, subnet):
    made = [ec2.allocate_address(Domain="vpc") for _ in range(5)]
    refused("AddressLimitExceeded", ec2.allocate_address)
    one, two = made[0], made[1]
    for extra in made[2:]:
        ec2.release_address(AllocationId=extra["AllocationId"])
    first = ec2.associate_address(AllocationId=one["AllocationId"], NetworkInterfaceId=eni)["AssociationId"]
    refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=one["AllocationId"])
    told = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
    assert told["Association"]["PublicIp"] == one["PublicIp"]
    assert told["Association"]["PublicDnsName"].startswith("ec2-" + one["PublicIp"].replace(".", "-"))
    ec2.associate_address(AllocationId=two["AllocationId"], NetworkInterfaceId=eni)
    told = ec2.describe_addresses(AllocationIds=[one["AllocationId"], two["AllocationId"]])["Addresses"]
    assert {a["PublicIp"]: "AssociationId" in a for a in told} == {one["PublicIp"]: False, two["PublicIp"]: True}, told
    refused("InvalidAssociationID.NotFound", ec2.disassociate_address, AssociationId=first)
    gateway = ec2.describe_internet_gateways(Filters=where("attachment.vpc-id", vpc))["InternetGateways"][0]
    refused("DependencyViolation", ec2.detach_internet_gateway, InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    ec2.disassociate_address(PublicIp=two["PublicIp"])
    ec2.release_address(AllocationId=two["AllocationId"])
    refused("InvalidAllocationID.NotFound", ec2.release_address, AllocationId=two["AllocationId"])

    refused("MissingParameter", ec2.create_nat_gateway, SubnetId=subnet)
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=one["AllocationId"])["NatGateway"]
    assert nat["State"] == "pending", nat
    wait("nat_gateway_available", nat["NatGatewayId"])
    told = ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])["NatGateways"][0]
    assert told["NatGatewayAddresses"][0]["PublicIp"] == one["PublicIp"]
    refused("AuthFailure", ec2.disassociate_address, PublicIp=one["PublicIp"])
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
    ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    wait("nat_gateway_deleted", nat["NatGatewayId"])
    ec2.release_address(AllocationId=one["AllocationId"])


def wait(name, nat):
    ec2.get_waiter(name).wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def peerings(vpc):
    far = other.create_vpc(CidrBlock="10.0.128.0/20")["Vpc"]["VpcId"]
    failed = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=far, PeerOwnerId=OTHER)["VpcPeeringConnection"]
    failed = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[failed["VpcPeeringConnectionId"]])
    assert failed["VpcPeeringConnections"][0]["Status"]["Code"] == "failed"
    other.delete_vpc(VpcId=far)
    far = other.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    id = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=far, PeerOwnerId=OTHER)["VpcPeeringConnection"]
    id = id["VpcPeeringConnectionId"]
    refused("OperationNotPermitted", ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=id)
    other.accept_vpc_peering_connection(VpcPeeringConnectionId=id)
    refused("InvalidStateTransition", other.reject_vpc_peering_connection, VpcPeeringConnectionId=id)
    theirs = other.describe_security_groups(Filters=where("vpc-id", far))["SecurityGroups"][0]["GroupId"]
    ours = ec2.describe_security_groups(Filters=where("vpc-id", vpc) + where("group-name", "default"))
    ours = ours["SecurityGroups"][0]["GroupId"]
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": theirs, "UserId": OTHER}]}
    ec2.authorize_security_group_ingress(GroupId=ours, IpPermissions=[pair])
    ec2.revoke_security_group_ingress(GroupId=ours, IpPermissions=[pair])
    refused("DependencyViolation", other.delete_vpc, VpcId=far)
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=id)
    other.delete_vpc(VpcId=far)


def lists_and_endpoints(vpc, table, group):
    make = dict(PrefixListName="offices", MaxEntries=2, AddressFamily="IPv4")
    refused("InvalidParameterValue", ec2.create_managed_prefix_list, Entries=[{"Cidr": "::/0"}], **make)
    made = ec2.create_managed_prefix_list(Entries=[{"Cidr": "192.0.2.0/24"}], **make)["PrefixList"]
    id = made["PrefixListId"]
    refused("PrefixListVersionMismatch", ec2.modify_managed_prefix_list, PrefixListId=id, CurrentVersion=9,
            AddEntries=[{"Cidr": "198.51.100.0/24"}])
    ec2.modify_managed_prefix_list(PrefixListId=id, CurrentVersion=1, AddEntries=[{"Cidr": "198.51.100.0/24"}])
    refused("PrefixListMaxEntriesExceeded", ec2.modify_managed_prefix_list, PrefixListId=id, CurrentVersion=2,
            AddEntries=[{"Cidr": "203.0.113.0/24"}])
    assert len(ec2.get_managed_prefix_list_entries(PrefixListId=id)["Entries"]) == 2
    assert len(ec2.get_managed_prefix_list_entries(PrefixListId=id, TargetVersion=1)["Entries"]) == 1
    ec2.restore_managed_prefix_list_version(PrefixListId=id, PreviousVersion=1, CurrentVersion=2)
    rule = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": id}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
    refused("DependencyViolation", ec2.delete_managed_prefix_list, PrefixListId=id)
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
    ec2.delete_managed_prefix_list(PrefixListId=id)

    refused("InvalidServiceName", ec2.create_vpc_endpoint, VpcId=vpc, ServiceName="com.amazonaws.us-east-1.moon")
    service = "com.amazonaws.us-east-1.s3"
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, RouteTableIds=[table])["VpcEndpoint"]
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert made["VpcEndpointId"] in {r.get("GatewayId") for r in routes}
    assert not ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"]


def flow_logs(vpc):
    make = dict(ResourceType="VPC", ResourceIds=[vpc], TrafficType="ALL", LogDestinationType="s3")
    refused("MissingParameter", ec2.create_flow_logs, **make)
    make["LogDestination"] = "arn:aws:s3:::flows"
    refused("InvalidParameter", ec2.create_flow_logs, LogFormat="${moon}", **make)
    id = ec2.create_flow_logs(**make)["FlowLogIds"][0]
    again = ec2.create_flow_logs(**make)["Unsuccessful"][0]
    assert again["Error"]["Code"] == "FlowLogAlreadyExists", again
    assert ec2.describe_flow_logs(Filter=where("resource-id", vpc))["FlowLogs"][0]["FlowLogId"] == id
    assert not ec2.delete_flow_logs(FlowLogIds=[id])["Unsuccessful"]


def permissions(vpc, subnet):
    iam = boto3.client("iam")
    iam.create_user(UserName="net")
    allow = [
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": "*",
         "Condition": {"StringEquals": {"ec2:ResourceTag/stage": "prod"}}},
        {"Effect": "Allow", "Action": "ec2:DeleteRouteTable", "Resource": "*",
         "Condition": {"ArnEquals": {"ec2:Vpc": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{vpc}"}}},
        {"Effect": "Allow", "Action": "ec2:ModifySubnetAttribute", "Resource": f"arn:aws:ec2:*:*:subnet/{subnet}"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": allow})
    iam.put_user_policy(UserName="net", PolicyName="net", PolicyDocument=policy)
    key = iam.create_access_key(UserName="net")["AccessKey"]
    net = boto3.client("ec2", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    assert net.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    refused("UnauthorizedOperation", net.create_vpc, CidrBlock="10.5.0.0/16")
    refused("UnauthorizedOperation", net.create_vpc, CidrBlock="10.5.0.0/16", DryRun=True)
    refused("UnauthorizedOperation", net.delete_vpc, VpcId=vpc)
    net.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    mine = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    net.delete_route_table(RouteTableId=mine)
    elsewhere = ec2.describe_vpcs(Filters=where("is-default", "true"))["Vpcs"][0]["VpcId"]
    elsewhere = ec2.create_route_table(VpcId=elsewhere)["RouteTable"]["RouteTableId"]
    refused("UnauthorizedOperation", net.delete_route_table, RouteTableId=elsewhere)
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "stage", "Value": "prod"}])
    refused("DependencyViolation", net.delete_vpc, VpcId=vpc)


default_network()
vpc, subnet = vpcs_and_subnets()
limits_and_pages()
tags(vpc)
table, gateway = routes(vpc, subnet)
group = groups(vpc)
acls(vpc, subnet)
eni = interfaces(subnet, group)
addresses(eni, vpc, subnet)
peerings(vpc)
lists_and_endpoints(vpc, table, group)
flow_logs(vpc)
permissions(vpc, subnet)
ec2.delete_network_interface(NetworkInterfaceId=eni)
ec2.delete_security_group(GroupId=group)
ec2.delete_subnet(SubnetId=subnet)
refused("DependencyViolation", ec2.delete_vpc, VpcId=vpc)
ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
ec2.delete_internet_gateway(InternetGatewayId=gateway)
ec2.delete_route_table(RouteTableId=table)
ec2.delete_vpc(VpcId=vpc)
print("ALL NETWORKED")
