package dev.haneul.services.iam;

import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.policy.EncodedDecisions;
import dev.haneul.kernel.policy.PolicyCache;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.iam.IamTables.AccountRow;
import dev.haneul.services.iam.IamTables.GroupRow;
import dev.haneul.services.iam.IamTables.PolicyRow;
import dev.haneul.services.iam.IamTables.ProfileRow;
import dev.haneul.services.iam.IamTables.RoleRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * IAM's records, found and changed. One object is shared by the service, the authorizer and the credentials: every
 * change of it passes here, which is how their caches know that they are stale.
 */
public final class IamState {
    private static final int COUNT_LIMIT = 10_000;
    private static final int DOCUMENTS = 8192;

    private final Store store;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Ids ids = new Ids(random);
    private final Pages.Pager pages;
    private final PolicyCache documents = new PolicyCache(DOCUMENTS);
    private final PrincipalPolicies principals = new PrincipalPolicies(this, documents);
    private final AwsManagedPolicies awsManaged = new AwsManagedPolicies();
    private final AccessTracker accesses;
    private final EncodedDecisions denials;
    private final Secrets secrets;
    private volatile @Nullable ServiceNames services;
    private final AtomicLong generation = new AtomicLong();

    /**
     * Opens IAM's tables.
     *
     * @param folderKey the data folder's key, under which page markers and secrets are sealed
     */
    public IamState(Store store, Clock clock, byte[] folderKey) {
        this.store = store;
        this.clock = clock;
        this.pages = new Pages.Pager(new Tokens(Tokens.derive(folderKey, "iam markers")));
        List<Table<?>> tables = new ArrayList<>(IamTables.ALL);
        tables.addAll(CredentialTables.ALL);
        tables.addAll(ProviderTables.ALL);
        tables.addAll(AccessTables.ALL);
        store.open(tables, List.of());
        this.accesses = new AccessTracker(store, clock);
        this.denials = new EncodedDecisions(folderKey);
        this.secrets = new Secrets(folderKey);
    }

    /** Tells every cache that what it knows may be old. Called after a reset of the store. */
    public void forget() {
        generation.incrementAndGet();
    }

    /** Grows with every change; what was read before the number changed may be stale. */
    long generation() {
        return generation.get();
    }

    <T> T read(Function<ReadTx, T> body) {
        return store.read(body);
    }

    <T> T write(Function<WriteTx, T> body) {
        try {
            return store.transact(body);
        } finally {
            generation.incrementAndGet();
        }
    }

    /** Writes what no policy depends on, so that nothing cached grows old. */
    <T> T writeQuietly(Function<WriteTx, T> body) {
        return store.transact(body);
    }

    /** Now, to the second as IAM counts. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    SecureRandom random() {
        return random;
    }

    Ids ids() {
        return ids;
    }

    /** Parsed policies by their text. */
    PolicyCache documents() {
        return documents;
    }

    PrincipalPolicies principals() {
        return principals;
    }

    Pages.Pager pages() {
        return pages;
    }

    AwsManagedPolicies awsManaged() {
        return awsManaged;
    }

    /** The services as policies name them; read when somebody first asks. */
    ServiceNames services() {
        ServiceNames known = services;
        if (known == null) {
            known = new ServiceNames();
            services = known;
        }
        return known;
    }

    /** Seals what must not lie open in the data folder. */
    Secrets secrets() {
        return secrets;
    }

    /** What organisations add to decisions. */
    ControlPolicies controls(AccountRules rules) {
        return new ControlPolicies(rules, documents);
    }

    /** Who used what and when. */
    AccessTracker accesses() {
        return accesses;
    }

    /** Seals the refusals that tell more than their message. */
    EncodedDecisions denials() {
        return denials;
    }

    /** Joins the driver, before it starts: what is noted in memory is written down now and then. */
    public void join(Driver driver) {
        accesses.join(driver);
    }

    static AccountRow account(ReadTx tx, String account) {
        return find(tx, IamTables.ACCOUNTS, account, AccountOperations.ACCOUNT).orElse(AccountRow.NONE);
    }

    static UserRow user(ReadTx tx, String account, String name) {
        return find(tx, IamTables.USERS, account, name)
                .orElseThrow(() -> IamFaults.noSuchEntity("The user with name " + name + " cannot be found."));
    }

    static GroupRow group(ReadTx tx, String account, String name) {
        return find(tx, IamTables.GROUPS, account, name)
                .orElseThrow(() -> IamFaults.noSuchEntity("The group with name " + name + " cannot be found."));
    }

    static RoleRow role(ReadTx tx, String account, String name) {
        return find(tx, IamTables.ROLES, account, name)
                .orElseThrow(() -> IamFaults.noSuchEntity("The role with name " + name + " cannot be found."));
    }

    static ProfileRow profile(ReadTx tx, String account, String name) {
        return find(tx, IamTables.PROFILES, account, name)
                .orElseThrow(() -> IamFaults.noSuchEntity("Instance Profile " + name + " cannot be found."));
    }

    /** A customer managed policy of this account. */
    static PolicyRow policy(ReadTx tx, String account, String arn) {
        return findPolicy(tx, arn)
                .filter(row -> row.arn(account).equals(arn))
                .orElseThrow(() -> IamFaults.noSuchEntity("Policy " + arn + " was not found."));
    }

    /** A customer managed policy by its ARN, whatever the account. */
    static Optional<PolicyRow> findPolicy(ReadTx tx, String arn) {
        String[] parts = arn.split(":", 6);
        if (parts.length < 6 || !parts[4].matches("[0-9]{12}") || !parts[5].startsWith("policy/")) {
            return Optional.empty();
        }
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        return find(tx, IamTables.POLICIES, parts[4], name)
                .filter(row -> row.arn(parts[4]).equals(arn));
    }

    /** The document in force of any managed policy, AWS's or a customer's; null where there is none. */
    @Nullable
    String managedDocument(ReadTx tx, String arn) {
        return awsManaged
                .find(arn)
                .map(AwsManagedPolicies.Managed::document)
                .or(() -> findPolicy(tx, arn).map(PolicyRow::document))
                .orElse(null);
    }

    static <R> Optional<R> find(ReadTx tx, Table<R> table, String account, String name) {
        return name.isEmpty()
                ? Optional.empty()
                : tx.get(table, IamTables.scope(account).key(IamTables.id(name)))
                        .map(Row::value);
    }

    static <R> void put(WriteTx tx, Table<R> table, String account, String name, R row) {
        tx.put(table, IamTables.scope(account).key(IamTables.id(name)), row);
    }

    static void delete(WriteTx tx, Table<?> table, String account, String name) {
        tx.delete(table, IamTables.scope(account).key(IamTables.id(name)));
    }

    /** How many entities of an account use a policy; {@code use} is its ARN, or {@code boundary:} and its ARN. */
    static int uses(ReadTx tx, String account, String use) {
        int count = 0;
        for (Table<?> table : List.of(IamTables.USERS, IamTables.GROUPS, IamTables.ROLES)) {
            count += tx.find(table, IamTables.scope(account), "policy", use, "", COUNT_LIMIT)
                    .size();
        }
        return count;
    }

    /** How many records an account has in a table, up to ten thousand. */
    static int count(ReadTx tx, Table<?> table, String account) {
        return tx.range(table, IamTables.scope(account), "", null, COUNT_LIMIT).size();
    }
}
