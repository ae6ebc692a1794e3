package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.policy.Subject;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.KmsTables.GrantRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Grants: given, told, retired, revoked. They hold at once; a grant token only names one. */
final class Grants {
    private static final int MOST = 1000;
    private static final Set<String> OPERATIONS = Set.of(
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "Sign",
            "Verify",
            "GetPublicKey",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateMac",
            "VerifyMac",
            "DeriveSharedSecret");

    private final Store store;
    private final Clock clock;
    private final Keys keys;
    private final Pages pages;
    private final Ids ids;

    Grants(Store store, Clock clock, Keys keys, Pages pages, Ids ids) {
        this.store = store;
        this.clock = clock;
        this.keys = keys;
        this.pages = pages;
        this.ids = ids;
    }

    CreateGrantResponse create(CreateGrantRequest in, Call call) {
        Found found = keys.find(in.keyId(), call).usable();
        if (!OPERATIONS.containsAll(in.operations())) {
            throw KmsFaults.validation("The grant operations " + in.operations() + " are not all valid.");
        }
        checkPrincipal(in.granteePrincipal());
        if (in.retiringPrincipal() != null) {
            checkPrincipal(in.retiringPrincipal());
        }
        GrantConstraints constraints = in.constraints();
        Map<String, String> equal = constraints == null ? Map.of() : constraints.encryptionContextEquals();
        Map<String, String> subset = constraints == null ? Map.of() : constraints.encryptionContextSubset();
        if (!equal.isEmpty() && !subset.isEmpty()) {
            throw KmsFaults.validation(
                    "A grant has one constraint: EncryptionContextEquals or" + " EncryptionContextSubset.");
        }
        if (Boolean.TRUE.equals(in.dryRun())) {
            throw KmsFaults.dryRun();
        }
        String id = ids.hex(64);
        GrantRow made = new GrantRow(
                id,
                found.key().id(),
                ids.hex(64) + ids.hex(64),
                in.granteePrincipal(),
                in.retiringPrincipal(),
                List.copyOf(new TreeSet<>(in.operations())),
                equal,
                subset,
                in.name(),
                clock.instant(),
                "arn:aws:iam::" + call.account() + ":root");
        Scope scope = found.key().scope();
        GrantRow kept = store.transact(tx -> {
            List<Row<GrantRow>> all = tx.range(KmsTables.GRANTS, scope, made.key() + "/", made.key() + "0", MOST + 1);
            for (Row<GrantRow> each : all) {
                if (made.name() != null && same(made, each.value())) {
                    return each.value();
                }
            }
            if (all.size() >= MOST) {
                throw Fault.of(new LimitExceededException(), "The grant limit of the key was reached.");
            }
            tx.put(KmsTables.GRANTS, scope.key(made.key() + "/" + id), made);
            return made;
        });
        return new CreateGrantResponse().grantId(kept.id()).grantToken(kept.token());
    }

    private static boolean same(GrantRow one, GrantRow other) {
        return String.valueOf(one.name()).equals(other.name())
                && one.grantee().equals(other.grantee())
                && java.util.Objects.equals(one.retiring(), other.retiring())
                && one.operations().equals(other.operations())
                && one.contextEquals().equals(other.contextEquals())
                && one.contextSubset().equals(other.contextSubset());
    }

    private static void checkPrincipal(String principal) {
        if (!principal.matches("arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+") && !principal.endsWith(".amazonaws.com")) {
            throw Fault.of(new InvalidArnException(), "ARN '" + principal + "' is invalid");
        }
    }

    ListGrantsResponse list(ListGrantsRequest in, Call call) {
        Found found = keys.find(in.keyId(), call);
        String key = found.key().id();
        List<GrantRow> all =
                store
                        .read(tx -> tx.range(KmsTables.GRANTS, found.key().scope(), key + "/", key + "0", MOST + 1))
                        .stream()
                        .map(Row::value)
                        .filter(each -> (in.grantId() == null || in.grantId().equals(each.id()))
                                && (in.granteePrincipal() == null
                                        || in.granteePrincipal().equals(each.grantee())))
                        .toList();
        Pages.Page<GrantRow> page = pages.of("grants " + found.arn(), all, GrantRow::id, in.limit(), in.marker());
        return new ListGrantsResponse()
                .grants(views(page.items(), found.key().scope()))
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }

    ListGrantsResponse retirable(ListRetirableGrantsRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        List<GrantRow> all =
                store
                        .read(tx -> tx.find(KmsTables.GRANTS, scope, "retiring", in.retiringPrincipal(), "", 10_000))
                        .stream()
                        .map(Row::value)
                        .sorted(java.util.Comparator.comparing(GrantRow::id))
                        .toList();
        Pages.Page<GrantRow> page =
                pages.of("retirable " + in.retiringPrincipal(), all, GrantRow::id, in.limit(), in.marker());
        return new ListGrantsResponse()
                .grants(views(page.items(), scope))
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }

    private static List<GrantListEntry> views(List<GrantRow> rows, Scope scope) {
        return rows.stream()
                .map(row -> new GrantListEntry()
                        .keyId(KmsTables.arn(scope.key(row.key())))
                        .grantId(row.id())
                        .name(row.name())
                        .creationDate(row.created())
                        .granteePrincipal(row.grantee())
                        .retiringPrincipal(row.retiring())
                        .issuingAccount(row.issuer())
                        .operations(row.operations())
                        .constraints(constraints(row)))
                .toList();
    }

    private static @Nullable GrantConstraints constraints(GrantRow row) {
        if (row.contextEquals().isEmpty() && row.contextSubset().isEmpty()) {
            return null;
        }
        GrantConstraints out = new GrantConstraints();
        return row.contextEquals().isEmpty()
                ? out.encryptionContextSubset(row.contextSubset())
                : out.encryptionContextEquals(row.contextEquals());
    }

    void revoke(RevokeGrantRequest in, Call call) {
        Found found = keys.find(in.keyId(), call);
        Key key = found.key().scope().key(found.key().id() + "/" + in.grantId());
        if (Boolean.TRUE.equals(in.dryRun())) {
            throw KmsFaults.dryRun();
        }
        store.write(tx -> {
            if (!tx.delete(KmsTables.GRANTS, key)) {
                throw noGrant(in.grantId());
            }
        });
    }

    /** The retiring principal may, and the grantee where the grant lets it; the key's account's root too. */
    void retire(RetireGrantRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        Row<GrantRow> row = find(in, scope, call)
                .orElseThrow(() -> noGrant(in.grantId() == null ? String.valueOf(in.grantToken()) : in.grantId()));
        GrantRow grant = row.value();
        Subject caller = Subject.of(call.principal());
        boolean mine = caller.arn().equals(grant.retiring())
                || caller.entityArn().equals(grant.retiring())
                || grant.operations().contains("RetireGrant")
                        && (caller.arn().equals(grant.grantee())
                                || caller.entityArn().equals(grant.grantee()))
                || call.principal().type() == Principal.Type.ROOT
                || call.principal().type() == Principal.Type.SERVICE;
        if (!mine) {
            throw KmsFaults.denied("User: " + caller.arn() + " is not authorized to perform: kms:RetireGrant on"
                    + " resource: " + KmsTables.arn(scope.key(grant.key())));
        }
        if (Boolean.TRUE.equals(in.dryRun())) {
            throw KmsFaults.dryRun();
        }
        store.write(tx -> tx.delete(KmsTables.GRANTS, row.key()));
    }

    private Optional<Row<GrantRow>> find(RetireGrantRequest in, Scope scope, Call call) {
        String token = in.grantToken();
        if (token != null) {
            return store.read(tx -> tx.range(KmsTables.GRANTS, scope, "", null, 10_000)).stream()
                    .filter(each -> each.value().token().equals(token))
                    .findFirst();
        }
        if (in.keyId() == null || in.grantId() == null) {
            throw KmsFaults.validation("A grant token, or a key ARN and a grant ID, are needed.");
        }
        Key key = keys.find(in.keyId(), call).key();
        return store.read(tx -> tx.get(KmsTables.GRANTS, key.scope().key(key.id() + "/" + in.grantId())));
    }

    private static Fault noGrant(String id) {
        return Fault.of(new NotFoundException(), "Grant ID " + id + " not found");
    }
}
