package dev.haneul.services.ec2;

/**
 * How much of everything an account may have in a region, unless AWS raised it.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html">Amazon VPC quotas</a>
 */
public final class Quotas {
    public static final int VPCS = 5;
    public static final int SUBNETS_PER_VPC = 200;
    public static final int CIDRS_PER_VPC = 5;
    public static final int ROUTE_TABLES_PER_VPC = 200;
    public static final int ROUTES_PER_TABLE = 500;
    public static final int INTERNET_GATEWAYS = 5;
    public static final int EGRESS_GATEWAYS = 5;
    public static final int NAT_GATEWAYS_PER_ZONE = 5;
    public static final int INTERFACES = 5000;
    public static final int SECURITY_GROUPS = 2500;
    public static final int RULES_PER_GROUP = 60;
    public static final int GROUPS_PER_INTERFACE = 5;
    public static final int ACLS_PER_VPC = 200;
    public static final int ENTRIES_PER_ACL = 20;
    public static final int ELASTIC_IPS = 5;
    public static final int PEERINGS_PER_VPC = 50;
    public static final int PENDING_PEERINGS = 25;
    public static final int GATEWAY_ENDPOINTS = 20;
    public static final int INTERFACE_ENDPOINTS_PER_VPC = 50;
    public static final int PREFIX_LISTS = 100;

    private Quotas() {}
}
