package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.ContainerDefinition;
import dev.haneul.api.ecs.ContainerOverride;
import dev.haneul.api.ecs.EnvironmentFile;
import dev.haneul.api.ecs.KeyValuePair;
import dev.haneul.api.ecs.Secret;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.api.secretsmanager.GetSecretValueRequest;
import dev.haneul.api.secretsmanager.SecretsManagerClient;
import dev.haneul.api.ssm.GetParametersRequest;
import dev.haneul.api.ssm.GetParametersResult;
import dev.haneul.api.ssm.SsmClient;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The environment variables of a container: from the image, files in S3, the definition, overrides and secrets. */
final class TaskEnvironment {
    private static final int MOST_FILE_BYTES = 1 << 20;

    private final EcsRoom room;

    TaskEnvironment(EcsRoom room) {
        this.room = room;
    }

    /**
     * What a container's environment is made of, the stronger over the weaker.
     *
     * @param executor who reads files and secrets: the execution role; null where there is none
     * @throws CannotStart where a file or secret cannot be read
     */
    Map<String, String> of(
            Scope scope, ContainerDefinition container, @Nullable ContainerOverride over, @Nullable Principal executor)
            throws CannotStart {
        Map<String, String> found = new LinkedHashMap<>();
        List<EnvironmentFile> files = over != null && !over.environmentFiles().isEmpty()
                ? over.environmentFiles()
                : container.environmentFiles();
        for (EnvironmentFile each : files) {
            file(scope, String.valueOf(each.value()), executor).forEach(found::putIfAbsent);
        }
        put(found, container.environment());
        if (over != null) {
            put(found, over.environment());
        }
        for (Secret each : container.secrets()) {
            found.put(String.valueOf(each.name()), secret(scope, String.valueOf(each.valueFrom()), executor));
        }
        return found;
    }

    private static void put(Map<String, String> found, List<KeyValuePair> more) {
        more.forEach(each -> found.put(String.valueOf(each.name()), Objects.requireNonNullElse(each.value(), "")));
    }

    private Map<String, String> file(Scope scope, String arn, @Nullable Principal executor) throws CannotStart {
        String path = arn.substring(arn.indexOf(":::") + 3);
        int slash = path.indexOf('/');
        try {
            Body body = Objects.requireNonNull(new S3Client(room.caller())
                    .getObject(
                            new GetObjectRequest()
                                    .bucket(path.substring(0, slash))
                                    .key(path.substring(slash + 1)),
                            call(scope, executor))
                    .body());
            try (InputStream in = body.stream()) {
                return lines(new String(in.readNBytes(MOST_FILE_BYTES), StandardCharsets.UTF_8));
            }
        } catch (Fault fault) {
            throw new CannotStart("ResourceInitializationError: failed to download env files: file download command: "
                    + "non empty error stream: service call has been retried 1 time(s): " + fault.code() + ": "
                    + fault.message());
        } catch (IOException e) {
            throw new CannotStart("ResourceInitializationError: failed to download env files: " + e.getMessage());
        }
    }

    /** Lines of {@code NAME=VALUE}; others, and those that begin with {@code #}, are passed over. */
    static Map<String, String> lines(String text) {
        Map<String, String> found = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.startsWith("#")) {
                found.put(line.substring(0, equals).strip(), line.substring(equals + 1));
            }
        });
        return found;
    }

    /** A secret by what a definition calls it: a parameter's name or ARN, or a secret's ARN with what to take of it. */
    String secret(Scope scope, String from, @Nullable Principal executor) throws CannotStart {
        Arn arn = Arn.parse(from).orElse(null);
        boolean manager = arn != null && arn.service().equals("secretsmanager");
        String store = manager ? "asm" : "ssm";
        try {
            Call call = call(scope, executor);
            return manager ? managed(arn, call) : parameter(from, arn, call);
        } catch (Fault fault) {
            throw new CannotStart("ResourceInitializationError: unable to pull secrets or registry auth: execution "
                    + "resource retrieval failed: unable to retrieve secret from " + store
                    + ": service call has been retried 1 time(s): " + fault.code() + ": " + fault.message());
        }
    }

    private Call call(Scope scope, @Nullable Principal executor) {
        if (executor == null) {
            throw Fault.client("AccessDeniedException", 400, "The task definition has no execution role.");
        }
        return room.as(executor, scope);
    }

    private String parameter(String from, @Nullable Arn arn, Call call) {
        String name = arn == null ? from : "/" + arn.resourceId();
        Call there = arn == null ? call : call.in(call.account(), arn.region());
        GetParametersResult found = parameters(name, there);
        if (found.parameters().isEmpty() && arn != null) {
            // ARNs of names without a slash look like those with one.
            found = parameters(arn.resourceId(), there);
        }
        if (found.parameters().isEmpty()) {
            throw Fault.client("ParameterNotFound", 400, "invalid ssm parameters: " + from);
        }
        return Objects.requireNonNullElse(found.parameters().getFirst().value(), "");
    }

    private GetParametersResult parameters(String name, Call call) {
        return new SsmClient(room.caller())
                .getParameters(new GetParametersRequest().names(List.of(name)).withDecryption(true), call);
    }

    /** {@code arn:…:secret:NAME-SUFFIX[:KEY[:STAGE[:VERSION]]]}. */
    private String managed(Arn arn, Call call) {
        String[] parts = arn.resource().split(":", -1);
        String id = "arn:" + arn.partition() + ":secretsmanager:" + arn.region() + ":" + arn.account() + ":secret:"
                + parts[1];
        String key = parts.length > 2 ? parts[2] : "";
        GetSecretValueRequest request = new GetSecretValueRequest().secretId(id);
        if (parts.length > 3 && !parts[3].isEmpty()) {
            request.versionStage(parts[3]);
        }
        if (parts.length > 4 && !parts[4].isEmpty()) {
            request.versionId(parts[4]);
        }
        String value = Objects.requireNonNullElse(
                new SecretsManagerClient(room.caller())
                        .getSecretValue(request, call.in(call.account(), arn.region()))
                        .secretString(),
                "");
        if (key.isEmpty()) {
            return value;
        }
        Object taken = Json.object(value)
                .map(tree -> tree.get(key))
                .orElseThrow(() -> Fault.client(
                        "InvalidParameter",
                        400,
                        "retrieved secret from Secrets Manager did not contain json key " + key));
        return taken instanceof Map<?, ?> || taken instanceof List<?> ? Json.write(taken) : String.valueOf(taken);
    }
}
