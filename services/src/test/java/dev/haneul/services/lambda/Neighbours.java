package dev.haneul.services.lambda;

import dev.haneul.api.ecr.BatchGetImageRequest;
import dev.haneul.api.ecr.BatchGetImageResponse;
import dev.haneul.api.ecr.EcrApi;
import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogGroupResponse;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.CreateLogStreamResponse;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsApi;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.logs.PutLogEventsResponse;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.api.sts.StsApi;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.storage.Layer;
import dev.haneul.storage.LayerSource;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The services Lambda asks, as small as it needs them. */
final class Neighbours {
    /** Nothing was ever pushed. */
    static final LayerSource NO_LAYERS = new LayerSource() {
        @Override
        public Optional<Layer> find(String digest) {
            return Optional.empty();
        }

        @Override
        public InputStream open(String digest) throws IOException {
            throw new IOException("no layer " + digest);
        }
    };

    private Neighbours() {}

    /** Registries without repositories. */
    static final class Registries implements EcrApi {
        @Override
        public BatchGetImageResponse batchGetImage(BatchGetImageRequest in, Call call) {
            throw Fault.client("RepositoryNotFoundException", 400, "The repository does not exist");
        }
    }

    /** Knows one good role and keeps whose keys it gave. */
    static final class Sts implements StsApi, Credentials {
        static final String ROLE = "arn:aws:iam::000000000000:role/runner";
        private final Supplier<Instant> now;
        private final AtomicInteger given = new AtomicInteger();
        private final Map<String, Identity> identities = new ConcurrentHashMap<>();
        private final Set<String> roles = ConcurrentHashMap.newKeySet();

        Sts(Supplier<Instant> now) {
            this.now = now;
            roles.add(ROLE);
        }

        int sessions() {
            return given.get();
        }

        void remove(String role) {
            roles.remove(role);
        }

        @Override
        public AssumeRoleResponse assumeRole(AssumeRoleRequest in, Call call) {
            if (!call.principal().id().equals("lambda.amazonaws.com") || !roles.contains(in.roleArn())) {
                throw Fault.client("AccessDenied", 403, "not authorized to perform: sts:AssumeRole");
            }
            String key = "ASIA" + given.incrementAndGet();
            String arn = "arn:aws:sts::000000000000:assumed-role/runner/" + in.roleSessionName();
            identities.put(
                    key,
                    new Identity(
                            "secret-" + key,
                            new Principal(Principal.Type.ASSUMED_ROLE, "000000000000", "AROA:x", arn, key, Map.of())));
            return new AssumeRoleResponse()
                    .credentials(new dev.haneul.api.sts.Credentials()
                            .accessKeyId(key)
                            .secretAccessKey("secret-" + key)
                            .sessionToken("token-" + key)
                            .expiration(now.get().plusSeconds(in.durationSeconds())));
        }

        @Override
        public Optional<Identity> find(String accessKeyId, String sessionToken) {
            return Optional.ofNullable(identities.get(accessKeyId));
        }
    }

    /** Keeps what it is sent. */
    static final class Queues implements dev.haneul.api.sqs.SqsApi {
        final List<dev.haneul.api.sqs.SendMessageRequest> sent = new java.util.concurrent.CopyOnWriteArrayList<>();

        @Override
        public dev.haneul.api.sqs.SendMessageResult sendMessage(dev.haneul.api.sqs.SendMessageRequest in, Call call) {
            sent.add(in);
            return new dev.haneul.api.sqs.SendMessageResult().messageId("m" + sent.size());
        }
    }

    /** Keeps events and insists on CloudWatch's order, which is one of each request. */
    static final class Logs implements LogsApi {
        final Map<String, Map<String, List<InputLogEvent>>> groups = new ConcurrentHashMap<>();
        volatile boolean denied;

        @Override
        public CreateLogGroupResponse createLogGroup(CreateLogGroupRequest in, Call call) {
            groups.putIfAbsent(in.logGroupName(), new ConcurrentHashMap<>());
            return new CreateLogGroupResponse();
        }

        @Override
        public CreateLogStreamResponse createLogStream(CreateLogStreamRequest in, Call call) {
            if (denied) {
                throw Fault.client("AccessDeniedException", 403, "not authorized");
            }
            if (group(in.logGroupName()).putIfAbsent(in.logStreamName(), new ArrayList<>()) != null) {
                throw Fault.client("ResourceAlreadyExistsException", 400, "The specified log stream already exists");
            }
            return new CreateLogStreamResponse();
        }

        @Override
        public PutLogEventsResponse putLogEvents(PutLogEventsRequest in, Call call) {
            List<InputLogEvent> stream = group(in.logGroupName()).get(in.logStreamName());
            if (stream == null) {
                throw Fault.client("ResourceNotFoundException", 400, "The specified log stream does not exist.");
            }
            long last = Long.MIN_VALUE;
            for (InputLogEvent event : in.logEvents()) {
                if (event.timestamp() < last) {
                    throw Fault.client("InvalidParameterException", 400, "not in chronological order");
                }
                last = event.timestamp();
            }
            synchronized (stream) {
                stream.addAll(in.logEvents());
            }
            return new PutLogEventsResponse();
        }

        private Map<String, List<InputLogEvent>> group(String name) {
            Map<String, List<InputLogEvent>> group = groups.get(name);
            if (group == null) {
                throw Fault.client("ResourceNotFoundException", 400, "The specified log group does not exist.");
            }
            return group;
        }

        /** All messages of a group, stream after stream. */
        List<String> messages(String group) {
            List<String> all = new ArrayList<>();
            new TreeMap<>(groups.getOrDefault(group, Map.of())).values().forEach(stream -> {
                synchronized (stream) {
                    stream.forEach(event -> all.add(event.message()));
                }
            });
            return all;
        }

        int streams(String group) {
            return groups.getOrDefault(group, Map.of()).size();
        }
    }

    /** Objects by {@code bucket/key}. */
    static final class S3 implements S3Api {
        final Map<String, byte[]> objects = new ConcurrentHashMap<>();

        @Override
        public GetObjectOutput getObject(GetObjectRequest in, Call call) {
            byte[] object = objects.get(in.bucket() + "/" + in.key());
            if (object == null) {
                throw Fault.client("NoSuchKey", 404, "The specified key does not exist.");
            }
            return new GetObjectOutput().body(Body.of(object));
        }
    }
}
