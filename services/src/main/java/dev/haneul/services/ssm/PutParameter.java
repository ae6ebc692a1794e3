package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.HierarchyTypeMismatchException;
import dev.haneul.api.ssm.ParameterMaxVersionLimitExceeded;
import dev.haneul.api.ssm.ParameterPatternMismatchException;
import dev.haneul.api.ssm.PutParameterRequest;
import dev.haneul.api.ssm.PutParameterResult;
import dev.haneul.api.ssm.Tag;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ssm.SsmTables.About;
import dev.haneul.services.ssm.SsmTables.ParameterRow;
import dev.haneul.services.ssm.SsmTables.VersionRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** PutParameter: a new parameter, or a new version of one. */
final class PutParameter {
    private static final String STANDARD = "Standard";
    private static final String ADVANCED = "Advanced";
    private static final int STANDARD_BYTES = 4096;
    private static final int ADVANCED_BYTES = 8192;
    private static final int MOST_VERSIONS = 100;
    private static final int MOST_TAGS = 50;
    private static final List<String> DATA_TYPES = List.of("text", "aws:ec2:image", "aws:ssm:integration");

    private final Store store;
    private final Clock clock;
    private final Secrets secrets;
    private final Consumer<Key> wake;

    PutParameter(Store store, Clock clock, Secrets secrets, Consumer<Key> wake) {
        this.store = store;
        this.clock = clock;
        this.secrets = secrets;
        this.wake = wake;
    }

    PutParameterResult put(PutParameterRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String name = Names.parse(in.name()).name();
        Names.check(name);
        boolean overwrite = Boolean.TRUE.equals(in.overwrite());
        if (overwrite && !in.tags().isEmpty()) {
            throw SsmFaults.validation("Invalid request: tags and overwrite can't be used together. To create a"
                    + " parameter with tags, please remove overwrite flag. To update tags for an existing parameter,"
                    + " please use AddTagsToResource or RemoveTagsFromResource.");
        }
        ParameterRow before = store.read(tx -> tx.get(SsmTables.PARAMETERS, scope.key(name)))
                .map(Row::value)
                .orElse(null);
        refuseUnlessOverwritten(before, overwrite);
        About about = about(in, before);
        checkPattern(in.value(), about.allowedPattern());
        Policies policies = Policies.of(about.policies());
        String value = about.keyId() == null
                ? in.value()
                : secrets.seal(in.value(), about.keyId(), SsmTables.arn(scope, name), call);
        String user = call.principal().arn();
        Instant now = clock.instant();
        long version = store.transact(tx -> {
            ParameterRow latest = tx.get(SsmTables.PARAMETERS, scope.key(name))
                    .map(Row::value)
                    .orElse(null);
            refuseUnlessOverwritten(latest, overwrite);
            long number = latest == null ? 1 : latest.current().version() + 1;
            makeRoom(tx, scope, name, number);
            VersionRow made = new VersionRow(name, number, value, about, now, user, List.of());
            tx.put(SsmTables.VERSIONS, SsmTables.versionKey(scope, name, number), made);
            Map<String, String> tags = latest == null ? tags(Map.of(), in.tags()) : latest.tags();
            tx.put(SsmTables.PARAMETERS, scope.key(name), new ParameterRow(made, tags, policies.expiration()));
            return number;
        });
        wake.accept(scope.key(name));
        return new PutParameterResult().version(version).tier(about.tier());
    }

    private static void refuseUnlessOverwritten(@Nullable ParameterRow row, boolean overwrite) {
        if (row != null && !overwrite) {
            throw SsmFaults.exists();
        }
    }

    private static About about(PutParameterRequest in, @Nullable ParameterRow before) {
        String type = in.type() != null
                ? in.type()
                : before == null ? null : before.current().about().type();
        if (type == null) {
            throw SsmFaults.validation("A parameter type is required when you create a parameter.");
        }
        if (before != null && !before.current().about().type().equals(type)) {
            throw Fault.of(
                    new HierarchyTypeMismatchException(),
                    "Parameter Store does not support changing a parameter type in a hierarchy.");
        }
        if (in.keyId() != null && !type.equals("SecureString")) {
            throw SsmFaults.validation("KeyId is required for SecureString type parameter only.");
        }
        String dataType = in.dataType() == null ? "text" : in.dataType();
        if (!DATA_TYPES.contains(dataType)) {
            throw SsmFaults.validation(
                    "The following data type is not supported: " + dataType + " (Data type names are all lowercase.)");
        }
        String policies = in.policies() == null ? "" : in.policies();
        String keyId = in.keyId() != null ? in.keyId() : Secrets.DEFAULT_KEY;
        About old = before == null ? null : before.current().about();
        return new About(
                type,
                type.equals("SecureString") ? keyId : null,
                in.description() == null && old != null ? old.description() : in.description(),
                in.allowedPattern(),
                tier(in, old, !policies.isBlank()),
                policies,
                dataType);
    }

    private static String tier(PutParameterRequest in, @Nullable About old, boolean policies) {
        int bytes = in.value().getBytes(StandardCharsets.UTF_8).length;
        String asked = in.tier() == null ? STANDARD : in.tier();
        boolean large = bytes > STANDARD_BYTES;
        boolean wasAdvanced = old != null && old.tier().equals(ADVANCED);
        if (bytes > ADVANCED_BYTES) {
            throw SsmFaults.validation(
                    "Advanced tier parameters support a maximum parameter value of " + ADVANCED_BYTES + " characters.");
        }
        if (asked.equals("Intelligent-Tiering")) {
            return large || policies || wasAdvanced ? ADVANCED : STANDARD;
        }
        if (asked.equals(STANDARD) && wasAdvanced) {
            if (in.tier() == null) {
                return ADVANCED;
            }
            throw SsmFaults.validation("This parameter uses the advanced-parameter tier. You can't downgrade a"
                    + " parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you"
                    + " can delete the advanced parameter and recreate it as a standard parameter.");
        }
        if (asked.equals(STANDARD) && large) {
            throw SsmFaults.validation(
                    "Standard tier parameters support a maximum parameter value of " + STANDARD_BYTES
                            + " characters. To create a larger parameter value, upgrade the parameter to use the"
                            + " advanced-parameter tier. For more information, see"
                            + " https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html");
        }
        if (asked.equals(STANDARD) && policies) {
            throw SsmFaults.validation(
                    "The standard-parameter tier doesn't support parameter policies. To use parameter"
                            + " policies, specify the advanced-parameter tier.");
        }
        return asked;
    }

    private static void checkPattern(String value, @Nullable String pattern) {
        if (pattern == null || pattern.isEmpty()) {
            return;
        }
        try {
            if (!Pattern.compile(pattern).matcher(value).matches()) {
                throw Fault.of(
                        new ParameterPatternMismatchException(),
                        "Parameter value, cannot be validated against allowedPattern: " + pattern);
            }
        } catch (PatternSyntaxException e) {
            throw Fault.client("InvalidAllowedPatternException", 400, "The allowed pattern is no regular expression.");
        } catch (StackOverflowError e) {
            throw Fault.client("InvalidAllowedPatternException", 400, "The allowed pattern is too complex.");
        }
    }

    /** The oldest version goes where there are a hundred, unless a label holds it. */
    private static void makeRoom(WriteTx tx, Scope scope, String name, long number) {
        List<Row<VersionRow>> versions = tx.range(SsmTables.VERSIONS, scope, name + ":", name + ";", MOST_VERSIONS);
        if (versions.size() < MOST_VERSIONS) {
            return;
        }
        VersionRow oldest = versions.getFirst().value();
        if (!oldest.labels().isEmpty()) {
            throw Fault.of(
                    new ParameterMaxVersionLimitExceeded(),
                    "You attempted to create a new version of " + name + " by calling the PutParameter API with the"
                            + " overwrite flag. Version " + oldest.version() + ", the oldest version, can't be deleted"
                            + " because it has a label associated with it. Move the label to another version of the"
                            + " parameter, and try again.");
        }
        tx.delete(SsmTables.VERSIONS, versions.getFirst().key());
    }

    static Map<String, String> tags(Map<String, String> before, List<Tag> more) {
        Map<String, String> all = new LinkedHashMap<>(before);
        for (Tag tag : more) {
            if (tag.key().startsWith("aws:")) {
                throw SsmFaults.validation("Tag keys cannot begin with aws:");
            }
            all.put(tag.key(), tag.value());
        }
        if (all.size() > MOST_TAGS) {
            throw Fault.client("TooManyTagsError", 400, "A resource can have at most " + MOST_TAGS + " tags.");
        }
        return all;
    }
}
