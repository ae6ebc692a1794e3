package dev.haneul.trials.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.call.RootKeys;
import dev.haneul.wire.gateway.Backend;
import dev.haneul.wire.gateway.Gateway;
import dev.haneul.wire.gateway.GatewaySettings;
import dev.haneul.wire.router.VirtualHosting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every operation of every service in the catalog, called by the stock client over the real front door. What is known
 * to fail stands in {@code known.txt} with its reason, which can only shrink.
 */
class RoutesTest {
    private static final Pattern ORIGIN = Pattern.compile("\"origin\":\"botocore (\\S+) ([^/\"]+)/");

    @TempDir
    static Path folder;

    private static Map<String, String> folders = Map.of();

    @BeforeAll
    static void readTheModelsOrigins() throws IOException, InterruptedException {
        String version = StockClient.version();
        assumeTrue(version != null || System.getenv("CI") != null, "there is no botocore");
        folders = new TreeMap<>();
        for (ServiceShape service : Catalog.SERVICES) {
            Matcher origin = ORIGIN.matcher(Files.readString(Path.of("../models", service.id() + ".json")));
            assertThat(origin.find()).as(service.id()).isTrue();
            folders.put(service.id(), origin.group(2));
        }
    }

    @Test
    void leastIsRefusedAsNotImplementedInTheWordsOfEachService() throws Exception {
        Map<String, String> failures = new TreeMap<>();
        calls("least", Recorder.refusing(), (call, wrong) -> {
            boolean head = Objects.equals(call.get("code"), "501");
            if (!Objects.equals(call.get("status"), 501L) || !(head || Objects.equals(call.get("code"), "NotImplemented"))) {
                wrong.add("answered " + call.get("status") + " " + call.get("code") + " " + call.get("message"));
            }
        }, failures);
        assertThat(failures).isEmpty();
    }

    @Test
    void mostArrivesWholeAndIsAnsweredWhole() throws Exception {
        Map<String, String> failures = new TreeMap<>();
        calls("most", Recorder.answering(), (call, wrong) -> {}, failures);
        assertThat(failures).isEmpty();
    }

    private interface Check {
        void of(Map<String, @Nullable Object> call, List<String> wrong);
    }

    private void calls(String pass, Recorder recorder, Check check, Map<String, String> failures) throws Exception {
        Backend backend = new Backend(
                Catalog.SERVICES,
                recorder,
                RootKeys.loopback(),
                InstantSource.system(),
                List.of(),
                new VirtualHosting("s3", "s3", "AmazonS3"));
        try (Gateway gateway = new Gateway(new GatewaySettings("127.0.0.1", 0, folder), backend)) {
            gateway.start();
            StockClient.run(gateway.port(), pass, services(), call -> {
                if (call.containsKey("operation")) {
                    List<String> wrong = judge(call, recorder, check);
                    if (!wrong.isEmpty()) {
                        failures.put(call.get("service") + ":" + call.get("operation") + " " + call.get("protocol"), wrong.toString());
                    }
                }
            });
        }
        failures.forEach((k, v) -> System.err.println(pass + " " + k + " " + v));
    }

    private static List<String> judge(Map<String, @Nullable Object> call, Recorder recorder, Check check) {
        List<String> wrong = new ArrayList<>();
        Recorder.Seen seen = recorder.take(String.valueOf(call.get("number")));
        if (call.containsKey("failure")) {
            wrong.add("failed " + call.get("failure"));
        }
        if (seen == null) {
            wrong.add("did not arrive: " + call.get("status") + " " + call.get("code") + " " + call.get("message"));
            return wrong;
        }
        String service = folders.get(seen.operation().service().id());
        if (!Objects.equals(service, call.get("service")) || !seen.operation().name().equals(call.get("operation"))) {
            wrong.add("arrived at " + seen.operation());
        }
        Trees.differences(tree(call, "params"), seen.input()).forEach(difference -> wrong.add("asked " + difference));
        if (call.containsKey("answer")) {
            Trees.differences(seen.output(), tree(call, "answer")).forEach(difference -> wrong.add("answered " + difference));
        }
        check.of(call, wrong);
        return wrong;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> tree(Map<String, @Nullable Object> call, String name) {
        Object tree = call.get(name);
        return tree == null ? Map.of() : (Map<String, @Nullable Object>) tree;
    }

    private static List<String> services() {
        List<String> services = new ArrayList<>();
        for (ServiceShape service : Catalog.SERVICES) {
            List<Protocol> protocols = service.facts().protocols();
            for (Protocol protocol : protocols) {
                services.add(folders.get(service.id()) + (protocols.size() == 1 ? "" : ":" + name(protocol)));
            }
        }
        return services;
    }

    private static String name(Protocol protocol) {
        return switch (protocol) {
            case REST_XML -> "rest-xml";
            case REST_JSON_1 -> "rest-json";
            case AWS_JSON_1_0, AWS_JSON_1_1 -> "json";
            case AWS_QUERY -> "query";
            case EC2_QUERY -> "ec2";
            case RPC_V2_CBOR -> "smithy-rpc-v2-cbor";
        };
    }
}
