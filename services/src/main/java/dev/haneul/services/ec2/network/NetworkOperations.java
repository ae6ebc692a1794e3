package dev.haneul.services.ec2.network;

/** The API of virtual networks: one interface per story. */
public interface NetworkOperations
        extends VpcOperations,
                SubnetOperations,
                RouteOperations,
                GatewayOperations,
                NatOperations,
                InterfaceOperations,
                InterfaceAddressOperations,
                GroupOperations,
                GroupRuleOperations,
                AclOperations,
                AddressOperations,
                DhcpOperations,
                PeeringOperations,
                EndpointOperations,
                PrefixListOperations,
                FlowLogOperations,
                ReservationOperations {}
