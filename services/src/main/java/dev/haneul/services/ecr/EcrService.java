package dev.haneul.services.ecr;

import dev.haneul.api.ecr.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Authorizer;
import dev.haneul.kernel.call.Dispatcher;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.services.ecr.EcrTables.RepositoryRow;
import dev.haneul.storage.Layers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Amazon ECR. See the package for what is built. */
public final class EcrService implements EcrApi {
    private final Clock clock;
    private final RegistryNames names;
    private final LoginTokens tokens;
    private final Repositories repositories;
    private final Uploads uploads;
    private final Images images;
    private final ImageLists lists;
    private final Registries registries;
    private final Templates templates;
    private final Lifecycle lifecycle;
    private final EcrMeter meter;
    private final Pulls pulls;
    private final Replication replication;
    private final Scanning scanning;
    private final PullThrough caches;
    private final Pager pager;
    private final RegistryPlane plane;

    /**
     * What the room stands on.
     *
     * @param neighbours carries the registries' requests to the operations they stand for, and calls to other services
     * @param authorizer asked for uploads' parts, which do not go through the dispatcher
     * @param audit told of them
     * @param permissions asked where an operation needs more than the authorizer knows of
     */
    public record Ground(
            Store store,
            Layers layers,
            Clock clock,
            Caller neighbours,
            Authorizer authorizer,
            Dispatcher.Audit audit,
            Permissions permissions,
            Usage usage,
            byte[] folderKey) {}

    /** Makes the service and opens its tables. */
    public EcrService(Ground ground) {
        Store store = ground.store();
        store.open(EcrTables.ALL, List.of());
        clock = ground.clock();
        names = RegistryNames.ofHost();
        Tokens sealed = new Tokens(Tokens.derive(ground.folderKey(), "ecr tokens"));
        tokens = new LoginTokens(sealed);
        pager = new Pager(sealed, EcrFaults::badToken);
        repositories = new Repositories(store, clock, ground.layers(), pager, names);
        uploads = new Uploads(store, clock, ground.layers());
        ImageEvents events = new ImageEvents();
        pulls = new Pulls(store, clock);
        images = new Images(store, clock, ground.layers(), events, pulls);
        lists = new ImageLists(store, pager);
        templates = new Templates(store, clock, pager);
        registries = new Registries(store, clock, templates, ground.permissions());
        lifecycle = new Lifecycle(store, clock, pager, images, ground.layers());
        meter = new EcrMeter(store, ground.usage());
        replication = new Replication(store, clock, ground.layers(), uploads, registries, ground.permissions(), events);
        scanning = new Scanning(store, clock, ground.layers(), events);
        caches = new PullThrough(
                store,
                clock,
                ground.layers(),
                pager,
                images,
                uploads,
                registries,
                ground.permissions(),
                ground.neighbours());
        plane = new RegistryPlane(
                clock,
                tokens,
                new BlobRoutes(ground.neighbours(), uploads, registries, ground.authorizer(), ground.audit(), meter),
                new ManifestRoutes(ground.neighbours(), registries));
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        lifecycle.join(driver);
        meter.join(driver);
        pulls.join(driver);
        replication.join(driver);
        scanning.join(driver);
    }

    /** The registries themselves. */
    public DataPlane registries() {
        return plane;
    }

    /** Repositories' owners and policies, for the authorizer. */
    public ResourcePolicies resourcePolicies() {
        return repositories;
    }

    @Override
    public GetAuthorizationTokenResponse getAuthorizationToken(GetAuthorizationTokenRequest in, Call call) {
        Instant now = clock.instant();
        String token = "AWS:" + tokens.issue(call.principal(), call.region(), now);
        String basic = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8));
        List<String> asked = in.registryIds().isEmpty() ? List.of(call.account()) : in.registryIds();
        return new GetAuthorizationTokenResponse()
                .authorizationData(asked.stream()
                        .map(id -> new AuthorizationData()
                                .authorizationToken(basic)
                                .expiresAt(now.plus(LoginTokens.LIFE))
                                .proxyEndpoint(names.endpoint(
                                        new Scope(id, call.region()),
                                        call.origin().endpoint())))
                        .toList());
    }

    @Override
    public CreateRepositoryResponse createRepository(CreateRepositoryRequest in, Call call) {
        return new CreateRepositoryResponse().repository(repositories.create(in, call));
    }

    @Override
    public DescribeRepositoriesResponse describeRepositories(DescribeRepositoriesRequest in, Call call) {
        return repositories.describe(in, call);
    }

    @Override
    public DeleteRepositoryResponse deleteRepository(DeleteRepositoryRequest in, Call call) {
        return new DeleteRepositoryResponse().repository(repositories.delete(in, call));
    }

    @Override
    public PutImageTagMutabilityResponse putImageTagMutability(PutImageTagMutabilityRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        List<String> exclusions =
                Repositories.exclusions(in.imageTagMutability(), in.imageTagMutabilityExclusionFilters());
        repositories.change(key, row -> row.mutable(in.imageTagMutability(), exclusions));
        PutImageTagMutabilityResponse out = new PutImageTagMutabilityResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .imageTagMutability(in.imageTagMutability());
        return exclusions.isEmpty() ? out : out.imageTagMutabilityExclusionFilters(Repositories.filters(exclusions));
    }

    @Override
    public PutImageScanningConfigurationResponse putImageScanningConfiguration(
            PutImageScanningConfigurationRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        boolean onPush = Boolean.TRUE.equals(in.imageScanningConfiguration().scanOnPush());
        repositories.change(key, row -> row.scanned(onPush));
        return new PutImageScanningConfigurationResponse()
                .registryId(key.account())
                .repositoryName(key.id())
                .imageScanningConfiguration(new ImageScanningConfiguration().scanOnPush(onPush));
    }

    @Override
    public SetRepositoryPolicyResponse setRepositoryPolicy(SetRepositoryPolicyRequest in, Call call) {
        return repositories.setPolicy(in, call);
    }

    @Override
    public GetRepositoryPolicyResponse getRepositoryPolicy(GetRepositoryPolicyRequest in, Call call) {
        return repositories.policy(in, call);
    }

    @Override
    public DeleteRepositoryPolicyResponse deleteRepositoryPolicy(DeleteRepositoryPolicyRequest in, Call call) {
        return repositories.deletePolicy(in, call);
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        repositories.change(
                Repositories.ofArn(in.resourceArn()), row -> row.tagged(Repositories.tags(row.tags(), in.tags())));
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        repositories.change(Repositories.ofArn(in.resourceArn()), (RepositoryRow row) -> {
            Map<String, String> tags = new LinkedHashMap<>(row.tags());
            in.tagKeys().forEach(tags::remove);
            return row.tagged(tags);
        });
        return new UntagResourceResponse();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        return new ListTagsForResourceResponse().tags(repositories.listTags(in.resourceArn()));
    }

    @Override
    public InitiateLayerUploadResponse initiateLayerUpload(InitiateLayerUploadRequest in, Call call) {
        return uploads.begin(in, call);
    }

    @Override
    public UploadLayerPartResponse uploadLayerPart(UploadLayerPartRequest in, Call call) {
        return uploads.add(in, call);
    }

    @Override
    public CompleteLayerUploadResponse completeLayerUpload(CompleteLayerUploadRequest in, Call call) {
        return uploads.complete(in, call);
    }

    @Override
    public BatchCheckLayerAvailabilityResponse batchCheckLayerAvailability(
            BatchCheckLayerAvailabilityRequest in, Call call) {
        return uploads.check(in, call);
    }

    /** The link works for an hour and for whoever has it, as AWS's do. */
    @Override
    public GetDownloadUrlForLayerResponse getDownloadUrlForLayer(GetDownloadUrlForLayerRequest in, Call call) {
        Key key = Repositories.key(in.registryId(), in.repositoryName(), call);
        repositories.require(key);
        if (uploads.size(key, in.layerDigest()).isEmpty()) {
            throw EcrFaults.noLayer(key, in.layerDigest());
        }
        String endpoint = call.origin().endpoint();
        String path =
                "/v2/" + key.account() + ".dkr.ecr." + key.region() + "/" + key.id() + "/blobs/" + in.layerDigest();
        return new GetDownloadUrlForLayerResponse()
                .layerDigest(in.layerDigest())
                .downloadUrl((endpoint.isEmpty() ? names.endpoint(key.scope(), endpoint) : endpoint) + path + "?"
                        + RegistryPlane.LINK + tokens.link(path, clock.instant()));
    }

    @Override
    public PutImageResponse putImage(PutImageRequest in, Call call) {
        return images.put(in, call);
    }

    @Override
    public BatchGetImageResponse batchGetImage(BatchGetImageRequest in, Call call) {
        caches.refresh(Repositories.key(in.registryId(), in.repositoryName(), call), in.imageIds(), call);
        return images.get(in, call);
    }

    @Override
    public BatchDeleteImageResponse batchDeleteImage(BatchDeleteImageRequest in, Call call) {
        return images.delete(in, call);
    }

    @Override
    public ListImagesResponse listImages(ListImagesRequest in, Call call) {
        return lists.list(in, call);
    }

    @Override
    public DescribeImagesResponse describeImages(DescribeImagesRequest in, Call call) {
        return lists.describe(in, call);
    }

    @Override
    public ListImageReferrersResponse listImageReferrers(ListImageReferrersRequest in, Call call) {
        return lists.referrers(in, call);
    }

    @Override
    public PutLifecyclePolicyResponse putLifecyclePolicy(PutLifecyclePolicyRequest in, Call call) {
        return lifecycle.put(in, call);
    }

    @Override
    public GetLifecyclePolicyResponse getLifecyclePolicy(GetLifecyclePolicyRequest in, Call call) {
        return lifecycle.get(in, call);
    }

    @Override
    public DeleteLifecyclePolicyResponse deleteLifecyclePolicy(DeleteLifecyclePolicyRequest in, Call call) {
        return lifecycle.delete(in, call);
    }

    @Override
    public StartLifecyclePolicyPreviewResponse startLifecyclePolicyPreview(
            StartLifecyclePolicyPreviewRequest in, Call call) {
        return lifecycle.preview(in, call);
    }

    @Override
    public GetLifecyclePolicyPreviewResponse getLifecyclePolicyPreview(GetLifecyclePolicyPreviewRequest in, Call call) {
        return lifecycle.previewed(in, call);
    }

    @Override
    public PutRegistryPolicyResponse putRegistryPolicy(PutRegistryPolicyRequest in, Call call) {
        return registries.putPolicy(in, call);
    }

    @Override
    public GetRegistryPolicyResponse getRegistryPolicy(GetRegistryPolicyRequest in, Call call) {
        return registries.policy(call);
    }

    @Override
    public DeleteRegistryPolicyResponse deleteRegistryPolicy(DeleteRegistryPolicyRequest in, Call call) {
        return registries.deletePolicy(call);
    }

    @Override
    public DescribeRegistryResponse describeRegistry(DescribeRegistryRequest in, Call call) {
        return registries.describe(call);
    }

    @Override
    public PutReplicationConfigurationResponse putReplicationConfiguration(
            PutReplicationConfigurationRequest in, Call call) {
        return registries.replicate(in, call);
    }

    @Override
    public GetRegistryScanningConfigurationResponse getRegistryScanningConfiguration(
            GetRegistryScanningConfigurationRequest in, Call call) {
        return new GetRegistryScanningConfigurationResponse()
                .registryId(call.account())
                .scanningConfiguration(registries.scanning(call));
    }

    @Override
    public PutRegistryScanningConfigurationResponse putRegistryScanningConfiguration(
            PutRegistryScanningConfigurationRequest in, Call call) {
        return new PutRegistryScanningConfigurationResponse().registryScanningConfiguration(registries.scan(in, call));
    }

    @Override
    public BatchGetRepositoryScanningConfigurationResponse batchGetRepositoryScanningConfiguration(
            BatchGetRepositoryScanningConfigurationRequest in, Call call) {
        return registries.scanning(in, call);
    }

    @Override
    public GetAccountSettingResponse getAccountSetting(GetAccountSettingRequest in, Call call) {
        return registries.setting(in, call);
    }

    @Override
    public PutAccountSettingResponse putAccountSetting(PutAccountSettingRequest in, Call call) {
        return registries.set(in, call);
    }

    @Override
    public RegisterPullTimeUpdateExclusionResponse registerPullTimeUpdateExclusion(
            RegisterPullTimeUpdateExclusionRequest in, Call call) {
        return registries.exclude(in, call);
    }

    @Override
    public DeregisterPullTimeUpdateExclusionResponse deregisterPullTimeUpdateExclusion(
            DeregisterPullTimeUpdateExclusionRequest in, Call call) {
        registries.include(in.principalArn(), call);
        return new DeregisterPullTimeUpdateExclusionResponse().principalArn(in.principalArn());
    }

    @Override
    public ListPullTimeUpdateExclusionsResponse listPullTimeUpdateExclusions(
            ListPullTimeUpdateExclusionsRequest in, Call call) {
        int limit = in.maxResults() == null ? Repositories.DEFAULT_PAGE : in.maxResults();
        Page<String> page = pager.list(
                registries.exclusions(call), arn -> arn, "exclusions " + call.account(), in.nextToken(), limit);
        return new ListPullTimeUpdateExclusionsResponse()
                .pullTimeUpdateExclusions(page.items())
                .nextToken(page.next());
    }

    @Override
    public CreateRepositoryCreationTemplateResponse createRepositoryCreationTemplate(
            CreateRepositoryCreationTemplateRequest in, Call call) {
        return new CreateRepositoryCreationTemplateResponse()
                .registryId(call.account())
                .repositoryCreationTemplate(templates.create(in, call));
    }

    @Override
    public UpdateRepositoryCreationTemplateResponse updateRepositoryCreationTemplate(
            UpdateRepositoryCreationTemplateRequest in, Call call) {
        return new UpdateRepositoryCreationTemplateResponse()
                .registryId(call.account())
                .repositoryCreationTemplate(templates.update(in, call));
    }

    @Override
    public DeleteRepositoryCreationTemplateResponse deleteRepositoryCreationTemplate(
            DeleteRepositoryCreationTemplateRequest in, Call call) {
        return new DeleteRepositoryCreationTemplateResponse()
                .registryId(call.account())
                .repositoryCreationTemplate(templates.delete(in, call));
    }

    @Override
    public DescribeRepositoryCreationTemplatesResponse describeRepositoryCreationTemplates(
            DescribeRepositoryCreationTemplatesRequest in, Call call) {
        return templates.describe(in, call);
    }

    @Override
    public StartImageScanResponse startImageScan(StartImageScanRequest in, Call call) {
        return scanning.start(in, call);
    }

    @Override
    public DescribeImageScanFindingsResponse describeImageScanFindings(DescribeImageScanFindingsRequest in, Call call) {
        return scanning.findings(in, call);
    }

    @Override
    public DescribeImageReplicationStatusResponse describeImageReplicationStatus(
            DescribeImageReplicationStatusRequest in, Call call) {
        return replication.status(in, call);
    }

    @Override
    public CreatePullThroughCacheRuleResponse createPullThroughCacheRule(
            CreatePullThroughCacheRuleRequest in, Call call) {
        return caches.create(in, call);
    }

    @Override
    public DescribePullThroughCacheRulesResponse describePullThroughCacheRules(
            DescribePullThroughCacheRulesRequest in, Call call) {
        return caches.describe(in, call);
    }

    @Override
    public UpdatePullThroughCacheRuleResponse updatePullThroughCacheRule(
            UpdatePullThroughCacheRuleRequest in, Call call) {
        return caches.update(in, call);
    }

    @Override
    public DeletePullThroughCacheRuleResponse deletePullThroughCacheRule(
            DeletePullThroughCacheRuleRequest in, Call call) {
        return caches.delete(in, call);
    }

    @Override
    public ValidatePullThroughCacheRuleResponse validatePullThroughCacheRule(
            ValidatePullThroughCacheRuleRequest in, Call call) {
        return caches.validate(in, call);
    }
}
