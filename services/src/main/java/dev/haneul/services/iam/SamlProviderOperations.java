package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.saml.SamlException;
import dev.haneul.saml.SamlMetadata;
import dev.haneul.services.iam.ProviderTables.SamlRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** SAML providers: their metadata is read when it comes in, so that a provider that is kept can be used. */
interface SamlProviderOperations extends IamRoom {
    int SAML_PROVIDERS = 100;
    int PRIVATE_KEYS = 2;
    /** How long metadata that names no end is good for. */
    Duration VALID = Duration.ofDays(36_500);

    @Override
    default CreateSAMLProviderResponse createSAMLProvider(CreateSAMLProviderRequest in, Call call) {
        Instant until = validUntil(in.samlMetadataDocument());
        String encryption = in.assertionEncryptionMode();
        SamlRow row = new SamlRow(
                in.name(),
                state().ids().unique("ASAM"),
                in.samlMetadataDocument(),
                state().now(),
                until,
                encryption == null ? "" : encryption,
                withKey(List.of(), in.addPrivateKey()),
                Tags.of(in.tags()));
        requireKey(row);
        state().write(tx -> {
            if (IamState.find(tx, ProviderTables.SAML, call.account(), row.name())
                    .isPresent()) {
                throw IamFaults.alreadyExists("Provider with name " + row.name() + " already exists.");
            }
            if (IamState.count(tx, ProviderTables.SAML, call.account()) >= SAML_PROVIDERS) {
                throw IamFaults.quota("SAMLProvidersPerAccount", SAML_PROVIDERS);
            }
            IamState.put(tx, ProviderTables.SAML, call.account(), row.name(), row);
            return true;
        });
        return new CreateSAMLProviderResponse()
                .samlProviderArn(row.arn(call.account()))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    private Instant validUntil(String metadata) {
        try {
            return SamlMetadata.parse(metadata)
                    .validUntil()
                    .orElse(state().now().plus(VALID));
        } catch (SamlException e) {
            throw IamFaults.invalidInput("Could not parse metadata: " + e.reason());
        }
    }

    private List<SamlRow.PrivateKey> withKey(List<SamlRow.PrivateKey> keys, @Nullable String pem) {
        if (pem == null) {
            return keys;
        }
        if (keys.size() >= PRIVATE_KEYS) {
            throw IamFaults.limit("Private key limit of " + PRIVATE_KEYS + " is reached.");
        }
        Certificates.privateKey(pem);
        List<SamlRow.PrivateKey> more = new ArrayList<>(keys);
        String id = UUID.randomUUID().toString();
        more.add(new SamlRow.PrivateKey(id, state().now(), state().secrets().seal(id, pem)));
        return more;
    }

    private static void requireKey(SamlRow row) {
        if (row.encryption().equals(AssertionEncryptionModeType.REQUIRED)
                && row.keys().isEmpty()) {
            throw IamFaults.invalidInput(
                    "Unable to set assertion encryption mode to Required because no private key is provided.");
        }
    }

    @Override
    default UpdateSAMLProviderResponse updateSAMLProvider(UpdateSAMLProviderRequest in, Call call) {
        String metadata = in.samlMetadataDocument();
        if (in.addPrivateKey() != null && in.removePrivateKey() != null) {
            throw IamFaults.invalidInput("Unable to add and remove private keys in the same request. Set a value for"
                    + " only one of the two parameters.");
        }
        if (metadata == null
                && in.assertionEncryptionMode() == null
                && in.addPrivateKey() == null
                && in.removePrivateKey() == null) {
            throw IamFaults.invalidInput("Unable to update identity provider. No updates are defined for metadata or"
                    + " encryption assertion.");
        }
        Instant until = metadata == null ? null : validUntil(metadata);
        changeSaml(in.samlProviderArn(), call, row -> {
            List<SamlRow.PrivateKey> keys = row.keys();
            String gone = in.removePrivateKey();
            if (gone != null) {
                if (keys.stream().noneMatch(key -> key.id().equals(gone))) {
                    throw IamFaults.invalidInput(
                            "Failed to remove private key because the Key ID does not match a private key.");
                }
                keys = keys.stream().filter(key -> !key.id().equals(gone)).toList();
            }
            String encryption = in.assertionEncryptionMode();
            SamlRow changed = new SamlRow(
                    row.name(),
                    row.uuid(),
                    metadata == null ? row.metadata() : metadata,
                    row.created(),
                    until == null ? row.validUntil() : until,
                    encryption == null ? row.encryption() : encryption,
                    withKey(keys, in.addPrivateKey()),
                    row.tags());
            requireKey(changed);
            return changed;
        });
        return new UpdateSAMLProviderResponse().samlProviderArn(in.samlProviderArn());
    }

    @Override
    default GetSAMLProviderResponse getSAMLProvider(GetSAMLProviderRequest in, Call call) {
        SamlRow row = state().read(tx -> saml(tx, in.samlProviderArn(), call));
        return new GetSAMLProviderResponse()
                .samlProviderUUID(row.uuid())
                .samlMetadataDocument(row.metadata())
                .createDate(row.created())
                .validUntil(row.validUntil())
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()))
                .assertionEncryptionMode(row.encryption().isEmpty() ? null : row.encryption())
                .privateKeyList(row.keys().stream()
                        .map(key -> new SAMLPrivateKey().keyId(key.id()).timestamp(key.added()))
                        .toList());
    }

    @Override
    default ListSAMLProvidersResponse listSAMLProviders(ListSAMLProvidersRequest in, Call call) {
        List<SAMLProviderListEntry> found = state().read(tx ->
                tx.range(ProviderTables.SAML, IamTables.scope(call.account()), "", null, SAML_PROVIDERS).stream()
                        .map(Row::value)
                        .map(row -> new SAMLProviderListEntry()
                                .arn(row.arn(call.account()))
                                .createDate(row.created())
                                .validUntil(row.validUntil()))
                        .toList());
        return new ListSAMLProvidersResponse().samlProviderList(found);
    }

    @Override
    default DeleteSAMLProviderResponse deleteSAMLProvider(DeleteSAMLProviderRequest in, Call call) {
        state().write(tx -> {
            SamlRow row = saml(tx, in.samlProviderArn(), call);
            IamState.delete(tx, ProviderTables.SAML, call.account(), row.name());
            return true;
        });
        return new DeleteSAMLProviderResponse();
    }

    @Override
    default TagSAMLProviderResponse tagSAMLProvider(TagSAMLProviderRequest in, Call call) {
        changeSaml(in.samlProviderArn(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagSAMLProviderResponse();
    }

    @Override
    default UntagSAMLProviderResponse untagSAMLProvider(UntagSAMLProviderRequest in, Call call) {
        changeSaml(in.samlProviderArn(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagSAMLProviderResponse();
    }

    @Override
    default ListSAMLProviderTagsResponse listSAMLProviderTags(ListSAMLProviderTagsRequest in, Call call) {
        SamlRow row = state().read(tx -> saml(tx, in.samlProviderArn(), call));
        Pages<Tag> page = state().pages().of(Tags.list(row.tags()), Tag::key, in.marker(), in.maxItems());
        return new ListSAMLProviderTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void changeSaml(String arn, Call call, UnaryOperator<SamlRow> change) {
        state().write(tx -> {
            SamlRow row = saml(tx, arn, call);
            IamState.put(tx, ProviderTables.SAML, call.account(), row.name(), change.apply(row));
            return true;
        });
    }

    private static SamlRow saml(ReadTx tx, String arn, Call call) {
        return IamState.find(tx, ProviderTables.SAML, call.account(), arn.substring(arn.lastIndexOf('/') + 1))
                .filter(row -> row.arn(call.account()).equals(arn))
                .orElseThrow(() -> IamFaults.noSuchEntity("Manifest not found for arn " + arn));
    }
}
