resource "aws_vpc" "six" {
  cidr_block                       = "10.6.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "six" {
  vpc_id          = aws_vpc.six.id
  cidr_block      = "10.6.0.0/24"
  ipv6_cidr_block = cidrsubnet(aws_vpc.six.ipv6_cidr_block, 8, 1)
}

resource "aws_route_table" "six" {
  vpc_id = aws_vpc.six.id
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.six.id
  cidr_block = "10.1.0.0/20"
}

resource "aws_egress_only_internet_gateway" "six" {
  vpc_id = aws_vpc.six.id
}

resource "aws_route" "out_six" {
  route_table_id              = aws_route_table.six.id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.six.id
}

resource "aws_route53_zone" "inside" {
  name    = "corp.example"
  comment = "inside"
  vpc {
    vpc_id = aws_vpc.main.id
  }
}

resource "aws_route53_record" "db" {
  zone_id = aws_route53_zone.inside.zone_id
  name    = "db.corp.example"
  type    = "A"
  ttl     = 60
  records = ["10.0.0.9"]
}

resource "aws_route53_record" "weighted" {
  zone_id        = aws_route53_zone.inside.zone_id
  name           = "w"
  type           = "CNAME"
  ttl            = 60
  records        = ["db.corp.example"]
  set_identifier = "one"
  weighted_routing_policy {
    weight = 10
  }
}

resource "aws_service_discovery_private_dns_namespace" "svc" {
  name = "svc.local"
  vpc  = aws_vpc.main.id
}

resource "aws_service_discovery_service" "api" {
  name = "api"
  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.svc.id
    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_service_discovery_instance" "one" {
  instance_id = "one"
  service_id  = aws_service_discovery_service.api.id
  attributes  = { AWS_INSTANCE_IPV4 = "10.0.0.9" }
}
