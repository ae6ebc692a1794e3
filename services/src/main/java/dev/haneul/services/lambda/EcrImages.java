package dev.haneul.services.lambda;

import dev.haneul.api.ecr.BatchGetImageRequest;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.GetRepositoryPolicyRequest;
import dev.haneul.api.ecr.Image;
import dev.haneul.api.ecr.ImageIdentifier;
import dev.haneul.api.ecr.SetRepositoryPolicyRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.ImageUri;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.image.BadImageException;
import dev.haneul.services.lambda.image.ImageReader;
import dev.haneul.services.lambda.image.OciImage;
import dev.haneul.storage.LayerSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Images of the region's own registries. Lambda gets them as itself, so a repository's policy has to let it; where the
 * caller's own repository has none, and the caller may set one, it is set for him, as on AWS.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html">Create a Lambda function using a container
 *     image: Amazon ECR permissions</a>
 */
final class EcrImages {
    private static final String POLICY = """
            {"Version":"2008-10-17","Statement":[{"Sid":"LambdaECRImageRetrievalPolicy","Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},
            "Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],
            "Condition":{"StringLike":{"aws:sourceArn":"arn:aws:lambda:%s:%s:function:*"}}}]}""";
    private static final Set<String> ABSENT = Set.of("RepositoryNotFoundException", "ImageNotFoundException");
    private static final String NO_POLICY = "RepositoryPolicyNotFoundException";
    private static final List<String> MEDIA_TYPES = List.of(
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.oci.image.index.v1+json");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LARGEST_DOCUMENT_BYTES = 4 << 20;

    private final EcrClient ecr;
    private final LayerSource layers;
    private final Clock clock;

    EcrImages(EcrClient ecr, LayerSource layers, Clock clock) {
        this.ecr = ecr;
        this.layers = layers;
        this.clock = clock;
    }

    /** A repository, and who wants an image of it for which function. */
    private record Wanted(String account, String region, String repository, FunctionRef ref, Call caller) {}

    /**
     * The image that a URI stands for; empty where it is not of this function's region, or there is none.
     *
     * @throws Fault where Lambda may not have it
     */
    Optional<OciImage> find(String uri, FunctionRef ref, Call caller) throws IOException, BadImageException {
        ImageUri image = ImageUri.parse(uri).orElse(null);
        if (image == null || !image.region().equals(ref.region())) {
            return Optional.empty();
        }
        Wanted wanted = new Wanted(image.account(), image.region(), image.repository(), ref, caller);
        Optional<Image> found = get(
                wanted,
                image.digest().isEmpty()
                        ? new ImageIdentifier().imageTag(image.tag())
                        : new ImageIdentifier().imageDigest(image.digest()));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String digest = Objects.requireNonNull(
                Objects.requireNonNull(found.get().imageId()).imageDigest());
        ImageReader.Documents documents = new ImageReader.Documents() {
            @Override
            public byte[] read(String part) throws IOException {
                if (part.equals(digest)) {
                    return String.valueOf(found.get().imageManifest()).getBytes(StandardCharsets.UTF_8);
                }
                Optional<Image> inner = get(wanted, new ImageIdentifier().imageDigest(part));
                return inner.isPresent()
                        ? String.valueOf(inner.get().imageManifest()).getBytes(StandardCharsets.UTF_8)
                        : configuration(part);
            }

            @Override
            public InputStream open(String part) throws IOException {
                return layers.open(part);
            }
        };
        return Optional.of(new ImageReader(documents, ImageReader.ofHost()).read(digest));
    }

    private byte[] configuration(String digest) throws IOException {
        try (InputStream in = layers.open(digest)) {
            byte[] bytes = in.readNBytes(LARGEST_DOCUMENT_BYTES + 1);
            if (bytes.length > LARGEST_DOCUMENT_BYTES) {
                throw new IOException("the document " + digest + " is too large");
            }
            return bytes;
        }
    }

    private Optional<Image> get(Wanted wanted, ImageIdentifier id) {
        BatchGetImageRequest request = new BatchGetImageRequest()
                .registryId(wanted.account)
                .repositoryName(wanted.repository)
                .imageIds(List.of(id))
                .acceptedMediaTypes(MEDIA_TYPES);
        try {
            return ecr.batchGetImage(request, call(wanted)).images().stream().findFirst();
        } catch (Fault fault) {
            if (ABSENT.contains(fault.code())) {
                return Optional.empty();
            }
            if (!fault.code().startsWith("AccessDenied")) {
                throw fault;
            }
        }
        try {
            letIn(wanted);
            return ecr.batchGetImage(request, call(wanted)).images().stream().findFirst();
        } catch (Fault denied) {
            throw Fault.client(
                    "AccessDeniedException",
                    403,
                    "Lambda does not have permission to access the ECR image. Check the ECR permissions.");
        }
    }

    /** Gives the repository a policy for Lambda, as the caller, where it has none. */
    private void letIn(Wanted wanted) {
        try {
            ecr.getRepositoryPolicy(
                    new GetRepositoryPolicyRequest().registryId(wanted.account).repositoryName(wanted.repository),
                    wanted.caller);
        } catch (Fault none) {
            if (none.code().equals(NO_POLICY) && wanted.account.equals(wanted.ref.account())) {
                ecr.setRepositoryPolicy(
                        new SetRepositoryPolicyRequest()
                                .registryId(wanted.account)
                                .repositoryName(wanted.repository)
                                .policyText(POLICY.formatted(wanted.region, wanted.ref.account())),
                        wanted.caller);
            }
        }
    }

    private Call call(Wanted wanted) {
        return new Call(
                OnBehalf.of("lambda.amazonaws.com", wanted.ref.arn(), wanted.ref.account()),
                wanted.ref.account(),
                wanted.region,
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("lambda.amazonaws.com"));
    }
}
