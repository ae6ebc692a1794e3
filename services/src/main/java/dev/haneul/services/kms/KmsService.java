package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.Authorizer;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.KmsTables.Material;
import dev.haneul.services.kms.KmsTables.Schedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** AWS KMS. See the package for what is built. */
public final class KmsService implements KmsApi {
    private final Store store;
    private final Keys keys;
    private final KeyLife life;
    private final Aliases aliases;
    private final Grants grants;
    private final Imports imports;
    private final Encryption encryption;
    private final Authentication authentication;
    private final KeyPolicies policies;
    private final Keeper keeper;
    private final Materials materials;
    private final Pages pages;
    private final Authorizer authorizer;
    private volatile Driver.@Nullable Waker<Key> waker;

    /**
     * Makes the service and opens its tables.
     *
     * @param folderKey key material, markers and import tokens are sealed under keys made from it
     * @param authorizer asked once more where a ciphertext tells which key a request needs
     */
    public KmsService(Store store, Clock clock, byte[] folderKey, Authorizer authorizer) {
        store.open(KmsTables.ALL, List.of());
        this.store = store;
        this.authorizer = authorizer;
        materials = new Materials(new Tokens(Tokens.derive(folderKey, "kms key material")));
        Ids ids = new Ids(materials.random());
        pages = new Pages(new Tokens(Tokens.derive(folderKey, "kms markers")));
        keys = new Keys(store, clock, materials);
        life = new KeyLife(store, clock, keys, materials, this::wake);
        aliases = new Aliases(store, clock, keys, pages);
        grants = new Grants(store, clock, keys, pages, ids);
        imports = new Imports(
                clock, keys, materials, new Tokens(Tokens.derive(folderKey, "kms import tokens")), this::wake);
        encryption = new Encryption(keys, materials, this::require);
        authentication = new Authentication(keys, materials);
        policies = new KeyPolicies(store, keys);
        keeper = new Keeper(store, clock, materials);
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        waker = keeper.join(driver);
    }

    /** What the authorizer asks of keys and aliases. */
    public ResourcePolicies policies() {
        return policies;
    }

    private void wake(Key key) {
        Driver.Waker<Key> known = waker;
        if (known != null) {
            known.wake(key);
        }
    }

    private void require(String operation, Struct input, Call call) {
        OperationShape shape = service().operation(operation);
        if (shape == null) {
            throw new IllegalStateException("KMS has no " + operation);
        }
        authorizer.check(shape, input, call);
    }

    @Override
    public CreateKeyResponse createKey(CreateKeyRequest in, Call call) {
        return new CreateKeyResponse().keyMetadata(life.create(in, call));
    }

    @Override
    public DescribeKeyResponse describeKey(DescribeKeyRequest in, Call call) {
        return new DescribeKeyResponse().keyMetadata(Keys.view(keys.find(in.keyId(), call)));
    }

    @Override
    public ListKeysResponse listKeys(ListKeysRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<String> all = store.read(tx -> tx.range(KmsTables.KEYS, scope, "", null, 10_000)).stream()
                .map(row -> row.key().id())
                .toList();
        Pages.Page<String> page = pages.of("keys " + scope, all, id -> id, in.limit(), in.marker());
        return new ListKeysResponse()
                .keys(page.items().stream()
                        .map(id -> new KeyListEntry().keyId(id).keyArn(KmsTables.arn(scope.key(id))))
                        .toList())
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }

    @Override
    public EnableKeyResponse enableKey(EnableKeyRequest in, Call call) {
        life.enable(in.keyId(), true, call);
        return new EnableKeyResponse();
    }

    @Override
    public DisableKeyResponse disableKey(DisableKeyRequest in, Call call) {
        life.enable(in.keyId(), false, call);
        return new DisableKeyResponse();
    }

    @Override
    public ScheduleKeyDeletionResponse scheduleKeyDeletion(ScheduleKeyDeletionRequest in, Call call) {
        return life.scheduleDeletion(in, call);
    }

    @Override
    public CancelKeyDeletionResponse cancelKeyDeletion(CancelKeyDeletionRequest in, Call call) {
        return life.cancelDeletion(in.keyId(), call);
    }

    @Override
    public UpdateKeyDescriptionResponse updateKeyDescription(UpdateKeyDescriptionRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).customers().notPendingDeletion();
        keys.change(found.key(), row -> row.described(in.description()));
        return new UpdateKeyDescriptionResponse();
    }

    @Override
    public PutKeyPolicyResponse putKeyPolicy(PutKeyPolicyRequest in, Call call) {
        onlyDefault(in.policyName());
        Found found = keys.find(in.keyId(), call).customers();
        KeyPolicies.check(in.policy(), Boolean.TRUE.equals(in.bypassPolicyLockoutSafetyCheck()), call);
        keys.change(found.key(), row -> row.withPolicy(in.policy()));
        return new PutKeyPolicyResponse();
    }

    @Override
    public GetKeyPolicyResponse getKeyPolicy(GetKeyPolicyRequest in, Call call) {
        onlyDefault(in.policyName());
        return new GetKeyPolicyResponse()
                .policy(keys.find(in.keyId(), call).row().policy())
                .policyName("default");
    }

    private static void onlyDefault(@Nullable String name) {
        if (name != null && !name.equals("default")) {
            throw dev.haneul.api.runtime.Fault.of(new NotFoundException(), "No such policy exists");
        }
    }

    @Override
    public ListKeyPoliciesResponse listKeyPolicies(ListKeyPoliciesRequest in, Call call) {
        keys.find(in.keyId(), call);
        return new ListKeyPoliciesResponse().policyNames(List.of("default")).truncated(false);
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).customers().notPendingDeletion();
        keys.change(found.key(), row -> row.withTags(KeyLife.tags(row.tags(), in.tags())));
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).customers().notPendingDeletion();
        keys.change(found.key(), row -> {
            Map<String, String> left = new LinkedHashMap<>(row.tags());
            in.tagKeys().forEach(left::remove);
            return row.withTags(left);
        });
        return new UntagResourceResponse();
    }

    @Override
    public ListResourceTagsResponse listResourceTags(ListResourceTagsRequest in, Call call) {
        Found found = keys.find(in.keyId(), call);
        List<Tag> all = KeyLife.tags(found.row()).stream()
                .sorted(java.util.Comparator.comparing(Tag::tagKey))
                .toList();
        Pages.Page<Tag> page = pages.of("tags " + found.arn(), all, Tag::tagKey, in.limit(), in.marker());
        return new ListResourceTagsResponse()
                .tags(page.items())
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }

    @Override
    public EnableKeyRotationResponse enableKeyRotation(EnableKeyRotationRequest in, Call call) {
        life.rotation(in.keyId(), true, in.rotationPeriodInDays(), call);
        return new EnableKeyRotationResponse();
    }

    @Override
    public DisableKeyRotationResponse disableKeyRotation(DisableKeyRotationRequest in, Call call) {
        life.rotation(in.keyId(), false, null, call);
        return new DisableKeyRotationResponse();
    }

    @Override
    public GetKeyRotationStatusResponse getKeyRotationStatus(GetKeyRotationStatusRequest in, Call call) {
        Found found = keys.find(in.keyId(), call);
        if (found.row().state().equals("PendingImport")) {
            throw KmsFaults.state(found.arn(), "is pending import.");
        }
        Schedule schedule = found.row().schedule();
        boolean on = schedule.rotationDays() != null && schedule.deletion() == null;
        return new GetKeyRotationStatusResponse()
                .keyId(found.key().id())
                .keyRotationEnabled(on)
                .rotationPeriodInDays(on ? schedule.rotationDays() : null)
                .nextRotationDate(on ? schedule.nextRotation() : null);
    }

    @Override
    public RotateKeyOnDemandResponse rotateKeyOnDemand(RotateKeyOnDemandRequest in, Call call) {
        return new RotateKeyOnDemandResponse().keyId(life.rotateNow(in.keyId(), call));
    }

    @Override
    public ListKeyRotationsResponse listKeyRotations(ListKeyRotationsRequest in, Call call) {
        Found found = keys.find(in.keyId(), call);
        boolean all = "ALL_KEY_MATERIAL".equals(in.includeKeyMaterial());
        List<Material> materialsOf = found.row().materials();
        List<RotationsListEntry> entries = materialsOf.stream()
                .filter(each -> all || !each.rotation().isEmpty())
                .map(each -> new RotationsListEntry()
                        .keyId(found.arn())
                        .keyMaterialId(each.id())
                        .keyMaterialState(each == materialsOf.getLast() ? "CURRENT" : "NON_CURRENT")
                        .rotationDate(each.rotation().isEmpty() ? null : each.from())
                        .rotationType(each.rotation().isEmpty() ? null : each.rotation()))
                .toList();
        Pages.Page<RotationsListEntry> page = pages.of(
                "rotations " + found.arn(),
                entries,
                each -> "%06d".formatted(entries.indexOf(each)),
                in.limit(),
                in.marker());
        return new ListKeyRotationsResponse()
                .rotations(page.items())
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }

    @Override
    public ReplicateKeyResponse replicateKey(ReplicateKeyRequest in, Call call) {
        return life.replicate(in, call);
    }

    @Override
    public UpdatePrimaryRegionResponse updatePrimaryRegion(UpdatePrimaryRegionRequest in, Call call) {
        life.movePrimary(in, call);
        return new UpdatePrimaryRegionResponse();
    }

    @Override
    public CreateAliasResponse createAlias(CreateAliasRequest in, Call call) {
        aliases.create(in, call);
        return new CreateAliasResponse();
    }

    @Override
    public UpdateAliasResponse updateAlias(UpdateAliasRequest in, Call call) {
        aliases.update(in, call);
        return new UpdateAliasResponse();
    }

    @Override
    public DeleteAliasResponse deleteAlias(DeleteAliasRequest in, Call call) {
        aliases.delete(in.aliasName(), call);
        return new DeleteAliasResponse();
    }

    @Override
    public ListAliasesResponse listAliases(ListAliasesRequest in, Call call) {
        return aliases.list(in, call);
    }

    @Override
    public CreateGrantResponse createGrant(CreateGrantRequest in, Call call) {
        return grants.create(in, call);
    }

    @Override
    public ListGrantsResponse listGrants(ListGrantsRequest in, Call call) {
        return grants.list(in, call);
    }

    @Override
    public ListGrantsResponse listRetirableGrants(ListRetirableGrantsRequest in, Call call) {
        return grants.retirable(in, call);
    }

    @Override
    public RevokeGrantResponse revokeGrant(RevokeGrantRequest in, Call call) {
        grants.revoke(in, call);
        return new RevokeGrantResponse();
    }

    @Override
    public RetireGrantResponse retireGrant(RetireGrantRequest in, Call call) {
        grants.retire(in, call);
        return new RetireGrantResponse();
    }

    @Override
    public GetParametersForImportResponse getParametersForImport(GetParametersForImportRequest in, Call call) {
        return imports.parameters(in, call);
    }

    @Override
    public ImportKeyMaterialResponse importKeyMaterial(ImportKeyMaterialRequest in, Call call) {
        return imports.take(in, call);
    }

    @Override
    public DeleteImportedKeyMaterialResponse deleteImportedKeyMaterial(DeleteImportedKeyMaterialRequest in, Call call) {
        return imports.forget(in, call);
    }

    @Override
    public EncryptResponse encrypt(EncryptRequest in, Call call) {
        return encryption.encrypt(in, call);
    }

    @Override
    public DecryptResponse decrypt(DecryptRequest in, Call call) {
        return encryption.decrypt(in, call);
    }

    @Override
    public ReEncryptResponse reEncrypt(ReEncryptRequest in, Call call) {
        return encryption.reEncrypt(in, call);
    }

    @Override
    public GenerateDataKeyResponse generateDataKey(GenerateDataKeyRequest in, Call call) {
        Encryption.refuse(in.recipient());
        return encryption.dataKey(
                in.keyId(), in.keySpec(), in.numberOfBytes(), in.encryptionContext(), in.dryRun(), call);
    }

    @Override
    public GenerateDataKeyWithoutPlaintextResponse generateDataKeyWithoutPlaintext(
            GenerateDataKeyWithoutPlaintextRequest in, Call call) {
        GenerateDataKeyResponse made = encryption.dataKey(
                in.keyId(), in.keySpec(), in.numberOfBytes(), in.encryptionContext(), in.dryRun(), call);
        return new GenerateDataKeyWithoutPlaintextResponse()
                .keyId(made.keyId())
                .ciphertextBlob(made.ciphertextBlob())
                .keyMaterialId(made.keyMaterialId());
    }

    @Override
    public GenerateDataKeyPairResponse generateDataKeyPair(GenerateDataKeyPairRequest in, Call call) {
        Encryption.refuse(in.recipient());
        return encryption.dataKeyPair(in.keyId(), in.keyPairSpec(), in.encryptionContext(), in.dryRun(), call);
    }

    @Override
    public GenerateDataKeyPairWithoutPlaintextResponse generateDataKeyPairWithoutPlaintext(
            GenerateDataKeyPairWithoutPlaintextRequest in, Call call) {
        GenerateDataKeyPairResponse made =
                encryption.dataKeyPair(in.keyId(), in.keyPairSpec(), in.encryptionContext(), in.dryRun(), call);
        return new GenerateDataKeyPairWithoutPlaintextResponse()
                .keyId(made.keyId())
                .keyPairSpec(made.keyPairSpec())
                .privateKeyCiphertextBlob(made.privateKeyCiphertextBlob())
                .publicKey(made.publicKey())
                .keyMaterialId(made.keyMaterialId());
    }

    @Override
    public GenerateRandomResponse generateRandom(GenerateRandomRequest in, Call call) {
        Encryption.refuse(in.recipient());
        Integer count = in.numberOfBytes();
        if (count == null) {
            throw KmsFaults.validation("NumberOfBytes is required.");
        }
        return new GenerateRandomResponse().plaintext(materials.randomBytes(count));
    }

    @Override
    public SignResponse sign(SignRequest in, Call call) {
        return authentication.sign(in, call);
    }

    @Override
    public VerifyResponse verify(VerifyRequest in, Call call) {
        return authentication.verify(in, call);
    }

    @Override
    public GenerateMacResponse generateMac(GenerateMacRequest in, Call call) {
        return authentication.mac(in, call);
    }

    @Override
    public VerifyMacResponse verifyMac(VerifyMacRequest in, Call call) {
        return authentication.verifyMac(in, call);
    }

    @Override
    public GetPublicKeyResponse getPublicKey(GetPublicKeyRequest in, Call call) {
        return authentication.publicKey(in, call);
    }

    @Override
    public DeriveSharedSecretResponse deriveSharedSecret(DeriveSharedSecretRequest in, Call call) {
        return authentication.agree(in, call);
    }
}
