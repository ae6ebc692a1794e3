package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.ProviderTables.OidcRow;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * OpenID Connect providers. Beside https, plain http is taken for issuers on this machine, so that a test run can be its
 * own identity provider.
 */
interface OidcProviderOperations extends IamRoom {
    int PROVIDERS = 100;
    int CLIENT_IDS = 100;
    int THUMBPRINTS = 5;
    Pattern THUMBPRINT = Pattern.compile("[0-9A-Fa-f]{40}");

    @Override
    default CreateOpenIDConnectProviderResponse createOpenIDConnectProvider(
            CreateOpenIDConnectProviderRequest in, Call call) {
        boolean secure = check(in.url());
        List<String> clients = List.copyOf(new LinkedHashSet<>(in.clientIDList()));
        if (clients.size() > CLIENT_IDS) {
            throw IamFaults.quota("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS);
        }
        OidcRow row = new OidcRow(
                in.url().substring(in.url().indexOf("://") + 3),
                secure,
                state().now(),
                clients,
                thumbprints(in.thumbprintList()),
                Tags.of(in.tags()));
        state().write(tx -> {
            if (IamState.find(tx, ProviderTables.OIDC, call.account(), row.url())
                    .isPresent()) {
                throw IamFaults.alreadyExists("Provider with url " + in.url() + " already exists.");
            }
            if (IamState.count(tx, ProviderTables.OIDC, call.account()) >= PROVIDERS) {
                throw IamFaults.quota("OpenIdConnectProvidersPerAccount", PROVIDERS);
            }
            IamState.put(tx, ProviderTables.OIDC, call.account(), row.url(), row);
            return true;
        });
        return new CreateOpenIDConnectProviderResponse()
                .openIDConnectProviderArn(row.arn(call.account()))
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    /** Answers whether it is https. */
    private static boolean check(String url) {
        try {
            URI uri = URI.create(url);
            String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
            boolean here = host.equals("localhost") || host.endsWith(".localhost") || host.startsWith("127.");
            boolean secure = "https".equals(uri.getScheme());
            boolean plainHere = "http".equals(uri.getScheme()) && here;
            boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
            if (!host.isEmpty() && (secure || plainHere) && bare && (here || uri.getPort() < 0)) {
                return secure;
            }
        } catch (IllegalArgumentException e) {
            // Told below like every other fault of the URL.
        }
        throw IamFaults.validation("Invalid Open ID Connect Provider URL");
    }

    private static List<String> thumbprints(List<String> given) {
        if (given.size() > THUMBPRINTS) {
            throw IamFaults.invalidInput("Thumbprint list must contain fewer than " + THUMBPRINTS + " entries.");
        }
        for (String each : given) {
            if (!THUMBPRINT.matcher(each).matches()) {
                throw IamFaults.invalidInput("Invalid thumbprint: " + each);
            }
        }
        return given.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList();
    }

    @Override
    default GetOpenIDConnectProviderResponse getOpenIDConnectProvider(GetOpenIDConnectProviderRequest in, Call call) {
        OidcRow row = state().read(tx -> provider(tx, in.openIDConnectProviderArn(), call));
        return new GetOpenIDConnectProviderResponse()
                .url(row.shownUrl())
                .clientIDList(row.clientIds())
                .thumbprintList(row.thumbprints())
                .createDate(row.created())
                .tags(row.tags().isEmpty() ? null : Tags.list(row.tags()));
    }

    @Override
    default ListOpenIDConnectProvidersResponse listOpenIDConnectProviders(
            ListOpenIDConnectProvidersRequest in, Call call) {
        List<OpenIDConnectProviderListEntry> found = state().read(tx ->
                tx.range(ProviderTables.OIDC, IamTables.scope(call.account()), "", null, PROVIDERS).stream()
                        .map(Row::value)
                        .map(row -> new OpenIDConnectProviderListEntry().arn(row.arn(call.account())))
                        .toList());
        return new ListOpenIDConnectProvidersResponse().openIDConnectProviderList(found);
    }

    /** Deletes; a provider that is not there is no fault. */
    @Override
    default DeleteOpenIDConnectProviderResponse deleteOpenIDConnectProvider(
            DeleteOpenIDConnectProviderRequest in, Call call) {
        state().write(tx -> {
            OidcRow row = provider(tx, in.openIDConnectProviderArn(), call);
            IamState.delete(tx, ProviderTables.OIDC, call.account(), row.url());
            return true;
        });
        return new DeleteOpenIDConnectProviderResponse();
    }

    @Override
    default AddClientIDToOpenIDConnectProviderResponse addClientIDToOpenIDConnectProvider(
            AddClientIDToOpenIDConnectProviderRequest in, Call call) {
        changeOidc(in.openIDConnectProviderArn(), call, row -> {
            if (row.clientIds().contains(in.clientID())) {
                return row;
            }
            if (row.clientIds().size() >= CLIENT_IDS) {
                throw IamFaults.quota("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS);
            }
            List<String> more = new ArrayList<>(row.clientIds());
            more.add(in.clientID());
            return row.withClientIds(more);
        });
        return new AddClientIDToOpenIDConnectProviderResponse();
    }

    @Override
    default RemoveClientIDFromOpenIDConnectProviderResponse removeClientIDFromOpenIDConnectProvider(
            RemoveClientIDFromOpenIDConnectProviderRequest in, Call call) {
        changeOidc(
                in.openIDConnectProviderArn(),
                call,
                row -> row.withClientIds(row.clientIds().stream()
                        .filter(id -> !id.equals(in.clientID()))
                        .toList()));
        return new RemoveClientIDFromOpenIDConnectProviderResponse();
    }

    @Override
    default UpdateOpenIDConnectProviderThumbprintResponse updateOpenIDConnectProviderThumbprint(
            UpdateOpenIDConnectProviderThumbprintRequest in, Call call) {
        List<String> thumbprints = thumbprints(in.thumbprintList());
        changeOidc(in.openIDConnectProviderArn(), call, row -> row.withThumbprints(thumbprints));
        return new UpdateOpenIDConnectProviderThumbprintResponse();
    }

    @Override
    default TagOpenIDConnectProviderResponse tagOpenIDConnectProvider(TagOpenIDConnectProviderRequest in, Call call) {
        changeOidc(in.openIDConnectProviderArn(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagOpenIDConnectProviderResponse();
    }

    @Override
    default UntagOpenIDConnectProviderResponse untagOpenIDConnectProvider(
            UntagOpenIDConnectProviderRequest in, Call call) {
        changeOidc(in.openIDConnectProviderArn(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagOpenIDConnectProviderResponse();
    }

    @Override
    default ListOpenIDConnectProviderTagsResponse listOpenIDConnectProviderTags(
            ListOpenIDConnectProviderTagsRequest in, Call call) {
        OidcRow row = state().read(tx -> provider(tx, in.openIDConnectProviderArn(), call));
        Pages<Tag> page = state().pages().of(Tags.list(row.tags()), Tag::key, in.marker(), in.maxItems());
        return new ListOpenIDConnectProviderTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void changeOidc(String arn, Call call, UnaryOperator<OidcRow> change) {
        state().write(tx -> {
            OidcRow row = provider(tx, arn, call);
            IamState.put(tx, ProviderTables.OIDC, call.account(), row.url(), change.apply(row));
            return true;
        });
    }

    private static OidcRow provider(ReadTx tx, String arn, Call call) {
        String name = arn.substring(arn.indexOf('/') + 1);
        return IamState.find(tx, ProviderTables.OIDC, call.account(), name)
                .filter(row -> row.arn(call.account()).equals(arn))
                .orElseThrow(() -> IamFaults.noSuchEntity("OpenIDConnect Provider not found for arn " + arn));
    }
}
