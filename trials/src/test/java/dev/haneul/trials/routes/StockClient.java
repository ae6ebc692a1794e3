package dev.haneul.trials.routes;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The script that calls operations through botocore, as a process of its own. */
final class StockClient {
    /**
     * Services whose newer models have lost the names that members have in the Query protocol: this client, made to speak
     * it, would say what no client ever says. The scripts of the stock clients speak it as older ones do.
     */
    private static final Set<String> WITHOUT_QUERY_NAMES = Set.of("sqs");

    private static final String SCRIPT = "stock_client.py";
    private static final Pattern ORIGIN = Pattern.compile("\"origin\":\"botocore (\\S+) ([^/\"]+)/");
    private static final long PATIENCE_SECONDS = 30;

    private final Map<String, ServiceShape> byFolder = new LinkedHashMap<>();
    private final Set<String> releases = new TreeSet<>();

    private StockClient() {}

    /** A client for the services of the catalog, which it calls as the origins of their models do. */
    static StockClient ofModels(Path models) throws IOException {
        StockClient client = new StockClient();
        for (ServiceShape service : Catalog.SERVICES) {
            Matcher origin = ORIGIN.matcher(Files.readString(models.resolve(service.id() + ".json")));
            if (!origin.find()) {
                throw new AssertionError("the model of " + service.id() + " does not say where it is from");
            }
            client.releases.add(origin.group(1));
            client.byFolder.put(origin.group(2), service);
        }
        return client;
    }

    /** What this machine's botocore calls itself, null where there is none. */
    static @Nullable String version() throws IOException, InterruptedException {
        Process python;
        try {
            python = new ProcessBuilder("python3", "-c", "import botocore; print(botocore.__version__)")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException noPython) {
            return null;
        }
        String version = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return python.waitFor() == 0 ? version : null;
    }

    /** Whether all models are of the client's own release, so that both know the same operations. */
    boolean knowsTheSame() throws IOException, InterruptedException {
        return releases.equals(Set.of(String.valueOf(version())));
    }

    /**
     * Calls every operation in every protocol of its service.
     *
     * @param calls takes each call as the script tells it, with the service under its id
     */
    void run(int port, String pass, Consumer<Map<String, @Nullable Object>> calls)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", "-", Integer.toString(port), pass));
        byFolder.forEach((name, service) -> {
            List<Protocol> protocols = service.facts().protocols().stream()
                    .filter(protocol -> protocol != Protocol.AWS_QUERY || !WITHOUT_QUERY_NAMES.contains(service.id()))
                    .toList();
            protocols.forEach(protocol -> command.add(name + (protocols.size() == 1 ? "" : ":" + c2j(protocol))));
        });
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        // The machine's own settings must not leak in.
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_CONFIG_FILE", "/dev/null");
        builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        Process python = builder.start();
        try {
            try (OutputStream script = python.getOutputStream();
                    InputStream source = Objects.requireNonNull(StockClient.class.getResourceAsStream(SCRIPT))) {
                source.transferTo(script);
            }
            BufferedReader lines = python.inputReader(StandardCharsets.UTF_8);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Map<String, @Nullable Object> call = Json.object(line);
                call.put(
                        "service",
                        Objects.requireNonNull(byFolder.get(String.valueOf(call.get("service"))))
                                .id());
                calls.accept(call);
            }
            if (!python.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || python.exitValue() != 0) {
                throw new AssertionError("the stock client's script failed");
            }
        } finally {
            python.destroyForcibly();
        }
    }

    private static String c2j(Protocol protocol) {
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
