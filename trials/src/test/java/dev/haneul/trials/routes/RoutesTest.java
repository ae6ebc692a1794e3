package dev.haneul.trials.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.kernel.call.RootKeys;
import dev.haneul.wire.gateway.Backend;
import dev.haneul.wire.gateway.Gateway;
import dev.haneul.wire.gateway.GatewaySettings;
import dev.haneul.wire.router.VirtualHosting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every operation of every service in the catalog, in every protocol that the stock client speaks to it, over the real
 * front door. Signatures, routes, codecs and validation are the real ones; behind them stands a {@link Recorder}.
 */
class RoutesTest {
    private static final int PART_OF_A_WHOLE = 206;

    @TempDir
    static Path folder;

    private static Known known;
    private static boolean ran;

    @BeforeAll
    static void lookForTheClient() throws IOException, InterruptedException {
        boolean there = StockClient.version() != null;
        assumeTrue(there || System.getenv("CI") != null, "python3 has no botocore here");
        assertThat(there).as("python3 with botocore").isTrue();
        known = Known.read();
    }

    @AfterAll
    static void whatIsKnownStillHappens() {
        if (ran) {
            Set<String> here = Catalog.SERVICES.stream().map(ServiceShape::id).collect(Collectors.toSet());
            assertThat(known.idle(here))
                    .as("known deviations that are none any more")
                    .isEmpty();
        }
    }

    /** With the required members only, at the region's own address: nothing but path, target, action and scope tells. */
    @Test
    void theLeastArrivesAndIsRefusedInTheWordsOfItsService() throws Exception {
        List<Map<String, @Nullable Object>> calls = calls("least", Recorder.refusing());
        calls.forEach(RoutesTest::judgeRefusal);
        assertThat(unknown(calls)).isEmpty();
    }

    /** With every member set, at AWS's own addresses; each answer comes back with every member set. */
    @Test
    void theMostArrivesWholeAndIsAnsweredWhole() throws Exception {
        List<Map<String, @Nullable Object>> calls = calls("most", Recorder.answering());
        calls.forEach(RoutesTest::judgeAnswer);
        assertThat(unknown(calls)).isEmpty();
        ran = true;
    }

    private static void judgeRefusal(Map<String, @Nullable Object> call) {
        OperationShape operation = operation(call);
        StructShape error = operation == null ? null : Recorder.refusal(operation);
        StructShape.ErrorTrait trait = error == null ? null : error.error();
        // An answer to HEAD has no body to hold a code, so the client makes one of the status.
        boolean silent = operation != null && operation.method().equals("HEAD");
        int status = trait == null ? 501 : trait.status();
        Set<String> codes = new HashSet<>(Set.of(trait == null ? "NotImplemented" : trait.code()));
        if (trait != null && trait.queryCode() != null) {
            codes.add(trait.queryCode());
        }
        if (silent) {
            codes = Set.of(Integer.toString(status));
        }
        boolean said = codes.contains(String.valueOf(call.get("code")));
        if (!said || !(call.get("status") instanceof Number got) || got.intValue() != status) {
            wrong(call).add("was refused by " + told(call) + " instead of " + status + " " + codes);
        } else if (trait != null && !silent && !Samples.MESSAGE.equals(call.get("message"))) {
            wrong(call).add("was refused in other words: " + told(call));
        }
    }

    private static void judgeAnswer(Map<String, @Nullable Object> call) {
        OperationShape operation = operation(call);
        if (call.containsKey("failure") || operation == null) {
            return;
        }
        if (!call.containsKey("answer")
                || !(call.get("status") instanceof Number got)
                || got.intValue() != (isPart(call) ? PART_OF_A_WHOLE : operation.status())) {
            wrong(call).add("was answered " + told(call));
        } else if (call.get("namespace") instanceof String namespace && namespace.isEmpty()) {
            wrong(call).add("was answered in no namespace");
        }
    }

    /** Whether the answer says which part of a whole it is; then its status does too. */
    private static boolean isPart(Map<String, @Nullable Object> call) {
        return tree(call, "answer").containsKey("ContentRange");
    }

    private static @Nullable OperationShape operation(Map<String, @Nullable Object> call) {
        return Catalog.service(String.valueOf(call.get("service"))).operation(String.valueOf(call.get("operation")));
    }

    private static String told(Map<String, @Nullable Object> call) {
        return call.get("status") + " " + call.get("code") + " " + call.get("message");
    }

    /** Runs a pass; each call gets the list of what is wrong with it under {@code wrong}. */
    private static List<Map<String, @Nullable Object>> calls(String pass, Recorder recorder) throws Exception {
        List<Map<String, @Nullable Object>> calls = new ArrayList<>();
        Backend backend = new Backend(
                Catalog.SERVICES,
                recorder,
                RootKeys.loopback(),
                InstantSource.system(),
                List.of(),
                new VirtualHosting("s3", "s3", "AmazonS3"));
        StockClient client = StockClient.ofModels(Path.of("../models"));
        boolean sameRelease = client.knowsTheSame();
        try (Gateway gateway =
                new Gateway(new GatewaySettings("127.0.0.1", 0, folder, GatewaySettings.Origins.LOCAL), backend)) {
            gateway.start();
            client.run(gateway.port(), pass, call -> {
                OperationShape meant = operation(call);
                Recorder.Seen seen = recorder.take(String.valueOf(call.get("number")));
                if (meant != null || sameRelease) {
                    call.put("wrong", judge(call, meant, seen));
                    calls.add(call);
                }
            });
        }
        assertThat(sameRelease ? missing(calls) : Set.of())
                .as("modelled, not called")
                .isEmpty();
        return calls;
    }

    private static List<String> judge(
            Map<String, @Nullable Object> call, @Nullable OperationShape meant, Recorder.@Nullable Seen seen) {
        List<String> wrong = new ArrayList<>();
        if (call.containsKey("failure")) {
            wrong.add("failed: " + call.get("failure"));
        }
        if (seen == null) {
            wrong.add("did not arrive: " + call.get("status") + " " + call.get("code") + " " + call.get("message"));
            return wrong;
        }
        if (seen.operation() != meant) {
            wrong.add("arrived at " + seen.operation());
        }
        Trees.differences(tree(call, "params"), seen.input()).forEach(each -> wrong.add("asked " + each));
        if (call.containsKey("answer")) {
            Trees.differences(seen.output(), tree(call, "answer")).forEach(each -> wrong.add("answered " + each));
        }
        return wrong;
    }

    /** What is wrong and does not stand in the list, by operation and protocol. */
    private static Map<String, List<String>> unknown(List<Map<String, @Nullable Object>> calls) {
        Map<String, List<String>> unknown = new TreeMap<>();
        for (Map<String, @Nullable Object> call : calls) {
            String operation = call.get("service") + ":" + call.get("operation");
            List<String> wrong = wrong(call).stream()
                    .filter(each -> !known.covers(operation, each))
                    .toList();
            if (!wrong.isEmpty()) {
                unknown.put(operation + " in " + call.get("protocol"), wrong);
            }
        }
        return unknown;
    }

    /** Modelled operations that were not called. */
    private static Set<String> missing(List<Map<String, @Nullable Object>> calls) {
        Set<String> missing = new TreeSet<>();
        for (ServiceShape service : Catalog.SERVICES) {
            service.operations().forEach(operation -> missing.add(operation.toString()));
        }
        calls.forEach(call -> missing.remove(call.get("service") + ":" + call.get("operation")));
        return missing;
    }

    @SuppressWarnings("unchecked")
    private static List<String> wrong(Map<String, @Nullable Object> call) {
        return (List<String>) Objects.requireNonNull(call.get("wrong"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> tree(Map<String, @Nullable Object> call, String name) {
        Object tree = call.get(name);
        return tree == null ? Map.of() : (Map<String, @Nullable Object>) tree;
    }
}
