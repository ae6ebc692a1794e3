package dev.haneul.services.ecs.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.PortMapping;
import dev.haneul.api.ecs.ServiceConnectClientAlias;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceConnectService;
import dev.haneul.api.ecs.ServiceConnectTlsConfiguration;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.api.runtime.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a service may say of Service Connect, and what is filled in. */
class ConnectSpecTest {
    private static final String ARN = "arn:aws:servicediscovery:us-east-1:111111111111:namespace/ns-1";

    private final TaskDefinition definition = new TaskDefinition()
            .networkMode("awsvpc")
            .containerDefinitions(List.of(new ContainerDefinition()
                    .name("main")
                    .portMappings(List.of(
                            new PortMapping().name("web").containerPort(80).protocol("tcp"),
                            new PortMapping().name("dns").containerPort(53).protocol("udp")))));

    private ServiceConnectConfiguration resolve(ServiceConnectService... services) {
        return ConnectSpec.resolve(
                new ServiceConnectConfiguration().enabled(true).services(List.of(services)), ARN, "shop", definition);
    }

    private static ServiceConnectService web() {
        return new ServiceConnectService().portName("web");
    }

    private static ServiceConnectClientAlias alias(int port) {
        return new ServiceConnectClientAlias().port(port);
    }

    @Test
    void whatIsLeftOutIsFilledIn() {
        ServiceConnectConfiguration told = resolve(web().clientAliases(List.of(alias(80))));
        assertThat(told.namespace()).isEqualTo(ARN);
        ServiceConnectService service = told.services().getFirst();
        assertThat(service.discoveryName()).isEqualTo("web");
        assertThat(service.clientAliases().getFirst().dnsName()).isEqualTo("web.shop");
        assertThat(resolve().services()).isEmpty();
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> resolve(new ServiceConnectService().portName("none")))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("portName does not refer to any named PortMapping in the task definition.");
        assertThatThrownBy(() -> resolve(new ServiceConnectService().portName("dns")))
                .hasMessageContaining("protocol tcp");
        assertThatThrownBy(() -> resolve(web(), web())).hasMessageContaining("discoveryName must be unique");
        assertThatThrownBy(() -> resolve(web().discoveryName("No"))).hasMessageContaining("Invalid discoveryName");
        assertThatThrownBy(() -> resolve(web().clientAliases(List.of(alias(0)))))
                .hasMessageContaining("between 1 and 65535");
        assertThatThrownBy(() -> resolve(
                        web().clientAliases(List.of(alias(80).dnsName("a"))),
                        web().discoveryName("b").clientAliases(List.of(alias(80).dnsName("a")))))
                .hasMessageContaining("unique dnsName and port pairs");
        assertThatThrownBy(() -> resolve(web().tls(new ServiceConnectTlsConfiguration())))
                .hasMessageContaining("not implemented");
        assertThatThrownBy(() -> ConnectSpec.resolve(
                        new ServiceConnectConfiguration().enabled(true),
                        ARN,
                        "shop",
                        new TaskDefinition().networkMode("bridge")))
                .hasMessageContaining("not implemented");
    }
}
