package dev.haneul.wire.gateway;

import dev.haneul.api.cloudwatch.CloudWatchApi;
import dev.haneul.api.cloudwatch.PutMetricDataInput;
import dev.haneul.api.cloudwatch.PutMetricDataOutput;
import dev.haneul.api.ec2.DescribeInstancesRequest;
import dev.haneul.api.ec2.DescribeInstancesResult;
import dev.haneul.api.ec2.Ec2Api;
import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.LambdaApi;
import dev.haneul.api.logs.DescribeLogGroupsRequest;
import dev.haneul.api.logs.DescribeLogGroupsResponse;
import dev.haneul.api.logs.LogsApi;
import dev.haneul.api.runtime.Api;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.ChecksummedBody;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.FileBody;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.DeleteObjectOutput;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectsOutput;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.ListBucketsOutput;
import dev.haneul.api.s3.ListBucketsRequest;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.api.sqs.GetQueueUrlRequest;
import dev.haneul.api.sqs.GetQueueUrlResult;
import dev.haneul.api.sqs.QueueDoesNotExist;
import dev.haneul.api.sqs.SqsApi;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityRequest;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityResponse;
import dev.haneul.api.sts.GetCallerIdentityRequest;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.StsApi;
import dev.haneul.kernel.call.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What stands behind the gateway in its tests: four small services and two keys. */
final class Fakes implements Caller, Credentials {
    static final String KEY = "AKIDEXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    static final String ACCOUNT = "111122223333";
    static final String SESSION_KEY = "ASIASESSION";
    static final String TOKEN = "a-session-token";

    final Objects objects = new Objects();
    final List<Api> services = List.of(
            objects, new Functions(), new LogGroups(), new Tokens(), new Metrics(), new Machines(), new Queues());
    volatile @Nullable Call lastCall;
    volatile @Nullable PutMetricDataInput lastMetrics;

    @Override
    public Struct call(OperationShape operation, Struct input, Call call) {
        lastCall = call;
        for (Api service : services) {
            if (service.service() == operation.service()) {
                return service.invoke(operation, input, call);
            }
        }
        throw new IllegalStateException("nobody serves " + operation);
    }

    @Override
    public Optional<Identity> find(String accessKeyId, @Nullable String sessionToken) {
        if (accessKeyId.equals(SESSION_KEY)) {
            if (sessionToken == null) {
                throw Fault.client("InvalidToken", 400, "no token");
            }
            if (sessionToken.equals("expired")) {
                throw Fault.client("ExpiredToken", 400, "over");
            }
        } else if (!accessKeyId.equals(KEY)) {
            return Optional.empty();
        }
        return Optional.of(new Identity(SECRET, Principal.root(ACCOUNT, accessKeyId)));
    }

    /** An object store of one flat namespace. */
    static final class Objects implements S3Api {
        final Map<String, byte[]> stored = new ConcurrentHashMap<>();
        final Map<String, Path> files = new ConcurrentHashMap<>();
        volatile @Nullable PutObjectRequest lastPut;
        volatile Map<String, String> lastChecksums = Map.of();
        volatile UnaryOperator<Body> served = body -> body;

        private static String id(@Nullable String bucket, @Nullable String key) {
            return bucket + "/" + key;
        }

        @Override
        public ListBucketsOutput listBuckets(ListBucketsRequest in, Call call) {
            return new ListBucketsOutput();
        }

        @Override
        public PutObjectOutput putObject(PutObjectRequest in, Call call) {
            Body body = in.body() == null ? Body.of(new byte[0]) : in.body();
            try {
                byte[] bytes = body.stream().readAllBytes();
                lastChecksums = body instanceof ChecksummedBody checked ? checked.checksums() : Map.of();
                lastPut = in;
                stored.put(id(in.bucket(), in.key()), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new PutObjectOutput().eTag("\"etag\"");
        }

        @Override
        public GetObjectOutput getObject(GetObjectRequest in, Call call) {
            Path file = files.get(id(in.bucket(), in.key()));
            if (file != null) {
                try {
                    return new GetObjectOutput().body(new FileBody(FileChannel.open(file), 0, Files.size(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            byte[] bytes = stored.get(id(in.bucket(), in.key()));
            if (bytes == null) {
                throw Fault.client("NoSuchKey", 404, "The specified key does not exist.");
            }
            return new GetObjectOutput().body(served.apply(Body.of(bytes)));
        }

        @Override
        public HeadObjectOutput headObject(HeadObjectRequest in, Call call) {
            byte[] bytes = stored.get(id(in.bucket(), in.key()));
            if (bytes == null) {
                throw Fault.client("NotFound", 404, "");
            }
            return new HeadObjectOutput().contentLength((long) bytes.length);
        }

        @Override
        public DeleteObjectOutput deleteObject(DeleteObjectRequest in, Call call) {
            stored.remove(id(in.bucket(), in.key()));
            return new DeleteObjectOutput();
        }

        @Override
        public DeleteObjectsOutput deleteObjects(DeleteObjectsRequest in, Call call) {
            return new DeleteObjectsOutput();
        }
    }

    private static final class Functions implements LambdaApi {
        @Override
        public FunctionConfiguration createFunction(CreateFunctionRequest in, Call call) {
            return new FunctionConfiguration().functionName(in.functionName());
        }
    }

    private static final class LogGroups implements LogsApi {
        @Override
        public DescribeLogGroupsResponse describeLogGroups(DescribeLogGroupsRequest in, Call call) {
            if ("bug".equals(in.logGroupNamePrefix())) {
                throw new IllegalStateException("a bug");
            }
            return new DescribeLogGroupsResponse();
        }
    }

    private final class Metrics implements CloudWatchApi {
        @Override
        public PutMetricDataOutput putMetricData(PutMetricDataInput in, Call call) {
            lastMetrics = in;
            return new PutMetricDataOutput();
        }
    }

    private static final class Machines implements Ec2Api {
        @Override
        public DescribeInstancesResult describeInstances(DescribeInstancesRequest in, Call call) {
            return new DescribeInstancesResult();
        }
    }

    private static final class Queues implements SqsApi {
        @Override
        public GetQueueUrlResult getQueueUrl(GetQueueUrlRequest in, Call call) {
            if (in.queueName().equals("busy")) {
                throw Fault.client("RequestThrottled", 403, "Too many requests.");
            }
            throw Fault.of(new QueueDoesNotExist(), "The specified queue does not exist.");
        }
    }

    private static final class Tokens implements StsApi {
        @Override
        public GetCallerIdentityResponse getCallerIdentity(GetCallerIdentityRequest in, Call call) {
            return new GetCallerIdentityResponse()
                    .account(call.account())
                    .arn(call.principal().arn())
                    .userId(call.region());
        }

        @Override
        public AssumeRoleWithWebIdentityResponse assumeRoleWithWebIdentity(
                AssumeRoleWithWebIdentityRequest in, Call call) {
            return new AssumeRoleWithWebIdentityResponse()
                    .audience(call.principal().id());
        }
    }
}
