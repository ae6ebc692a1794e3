package dev.haneul.services.secretsmanager;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.RotateSecretRequest;
import dev.haneul.api.secretsmanager.RotateSecretResponse;
import dev.haneul.api.secretsmanager.RotationRulesType;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.schedule.ScheduleExpression;
import dev.haneul.services.secretsmanager.SecretTables.Rotation;
import dev.haneul.services.secretsmanager.SecretTables.SecretRow;
import dev.haneul.services.secretsmanager.SecretTables.Times;
import dev.haneul.services.secretsmanager.SecretTables.VersionRow;
import dev.haneul.services.secretsmanager.Secrets.Found;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happens to secrets by themselves: the four steps of a rotation, each a call of its function; the next rotation
 * when it is due; the end of a recovery window. A step that fails is tried again a few times; then the rotation is given
 * up until the next, as on AWS, and the pending version stays for whoever looks.
 */
final class Rotations implements Reconciler<Key> {
    private static final List<String> STEPS = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    private static final int MOST_FAILURES = 5;
    private static final int CONCURRENCY = 4;
    private static final int PAGE = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Store store;
    private final Clock clock;
    private final Secrets secrets;
    private final LambdaClient lambda;
    private volatile Driver.@Nullable Waker<Key> waker;

    Rotations(Store store, Clock clock, Secrets secrets, Caller neighbours) {
        this.store = store;
        this.clock = clock;
        this.secrets = secrets;
        lambda = new LambdaClient(neighbours);
    }

    void join(Driver driver) {
        Driver.Waker<Key> made = driver.add(this, CONCURRENCY);
        waker = made;
        Key after = null;
        List<Row<SecretRow>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(SecretTables.SECRETS, from, PAGE));
            for (Row<SecretRow> row : rows) {
                made.wake(row.key());
                after = row.key();
            }
        } while (rows.size() == PAGE);
    }

    void wake(Key key) {
        Driver.Waker<Key> known = waker;
        if (known != null) {
            known.wake(key);
        }
    }

    RotateSecretResponse rotate(RotateSecretRequest in, Call call) {
        Found found = secrets.find(in.secretId(), call).alive().changeableBy(call);
        Rotation old = found.row().rotation();
        String function = in.rotationLambdaARN() == null ? old.function() : in.rotationLambdaARN();
        if (function == null) {
            throw SecretFaults.request("No Lambda rotation function ARN is associated with this secret.");
        }
        if (old.token() != null) {
            throw SecretFaults.request("A previous rotation isn't complete. That rotation will be reattempted.");
        }
        RotationRulesType rules = in.rotationRules();
        Rotation asked = new Rotation(
                true,
                function,
                rules == null ? old.days() : rules.automaticallyAfterDays(),
                rules == null ? old.duration() : rules.duration(),
                rules == null ? old.expression() : rules.scheduleExpression(),
                null,
                null,
                0,
                0);
        if (asked.days() != null && asked.expression() != null) {
            throw SecretFaults.invalid("You can specify AutomaticallyAfterDays or ScheduleExpression, not both.");
        }
        if (asked.expression() != null
                && ScheduleExpression.parse(asked.expression()).isEmpty()) {
            throw SecretFaults.invalid("The ScheduleExpression " + asked.expression() + " is invalid.");
        }
        check(found, function);
        boolean now = !Boolean.FALSE.equals(in.rotateImmediately());
        String token = in.clientRequestToken() == null ? UUID.randomUUID().toString() : in.clientRequestToken();
        store.write(tx -> {
            SecretRow row = Secrets.require(tx, found.key()).row();
            Rotation next = asked.due(next(asked, clock.instant()));
            tx.put(SecretTables.SECRETS, found.key(), row.rotating(now ? next.at(token, 0, 0) : next));
            if (now) {
                begin(tx, found.key(), token);
            }
        });
        wake(found.key());
        return new RotateSecretResponse()
                .arn(found.arn())
                .name(found.row().name())
                .versionId(now ? token : null);
    }

    private void begin(dev.haneul.kernel.store.WriteTx tx, Key key, String token) {
        Key version = SecretTables.versionKey(key, token);
        if (tx.get(SecretTables.VERSIONS, version).isEmpty()) {
            Secrets.put(
                    tx, key, new VersionRow(token, "", false, "", "", List.of(SecretTables.PENDING), clock.instant()));
        }
    }

    /** Refuses a function that does not let Secrets Manager in, or is not there. */
    private void check(Found found, String function) {
        try {
            lambda.invoke_(
                    new InvocationRequest().functionName(function).invocationType("DryRun"), call(found, function));
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Fault.client(
                    "AccessDeniedException",
                    400,
                    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants"
                            + " access to the principal secretsmanager.amazonaws.com");
        }
    }

    private static @Nullable Instant next(Rotation rotation, Instant after) {
        if (rotation.days() != null) {
            return after.plus(Duration.ofDays(rotation.days()));
        }
        String expression = rotation.expression();
        return expression == null
                ? null
                : ScheduleExpression.parse(expression)
                        .flatMap(each -> each.next(after, after, ZoneOffset.UTC))
                        .orElse(null);
    }

    @Override
    public String name() {
        return "secretsmanager.rotation";
    }

    @Override
    public Next reconcile(Key key) {
        Instant now = clock.instant();
        SecretRow row = store.read(tx -> Secrets.get(tx, key)).map(Found::row).orElse(null);
        if (row == null) {
            return Next.DONE;
        }
        Instant purge = row.times().purge();
        if (purge != null) {
            if (purge.isAfter(now)) {
                return Next.at(purge);
            }
            store.write(tx -> Secrets.get(tx, key)
                    .filter(each -> each.row().times().purge() != null)
                    .ifPresent(each -> Secrets.remove(tx, key)));
            return Next.DONE;
        }
        Rotation rotation = row.rotation();
        if (rotation.token() != null) {
            return step(new Found(key, row), rotation, rotation.token());
        }
        Instant due = rotation.next();
        if (!rotation.enabled() || due == null) {
            return Next.DONE;
        }
        if (due.isAfter(now)) {
            return Next.at(due);
        }
        String token = UUID.randomUUID().toString();
        store.write(tx -> Secrets.get(tx, key).ifPresent(each -> {
            Rotation latest = each.row().rotation();
            if (latest.token() == null && latest.enabled()) {
                tx.put(
                        SecretTables.SECRETS,
                        key,
                        each.row().rotating(latest.due(next(latest, now)).at(token, 0, 0)));
                begin(tx, key, token);
            }
        }));
        return Next.after(Duration.ZERO);
    }

    /** Takes one step: a call, then its mark in the record. */
    private Next step(Found found, Rotation rotation, String token) {
        String function = rotation.function();
        if (!rotation.enabled() || function == null) {
            secrets.change(found.key(), row -> row.rotating(row.rotation().at(null, 0, 0)));
            return Next.DONE;
        }
        boolean done = invoke(found, function, STEPS.get(rotation.step()), token);
        int failures = done ? 0 : rotation.failures() + 1;
        boolean over = done && rotation.step() == STEPS.size() - 1 || failures >= MOST_FAILURES;
        int step = done ? rotation.step() + 1 : rotation.step();
        store.write(tx -> Secrets.get(tx, found.key()).ifPresent(each -> {
            Rotation latest = each.row().rotation();
            if (!token.equals(latest.token())) {
                return;
            }
            SecretRow row = each.row().rotating(over ? latest.at(null, 0, 0) : latest.at(token, step, failures));
            if (over && done) {
                row = finished(row);
                unpend(tx, found.key(), token);
            }
            tx.put(SecretTables.SECRETS, found.key(), row);
        }));
        return over || done ? Next.after(Duration.ZERO) : Next.after(PAUSE.multipliedBy(1L << failures));
    }

    private SecretRow finished(SecretRow row) {
        Times old = row.times();
        return row.at(
                new Times(old.created(), clock.instant(), old.accessed(), clock.instant(), old.deleted(), old.purge()));
    }

    /** The new version is current now, and pending no more. */
    private static void unpend(dev.haneul.kernel.store.WriteTx tx, Key secret, String token) {
        Key key = SecretTables.versionKey(secret, token);
        tx.get(SecretTables.VERSIONS, key).map(Row::value).ifPresent(version -> {
            List<String> stages = new ArrayList<>(version.stages());
            if (stages.contains(SecretTables.CURRENT) && stages.remove(SecretTables.PENDING)) {
                tx.put(SecretTables.VERSIONS, key, version.staged(stages));
            }
        });
    }

    private boolean invoke(Found found, String function, String step, String token) {
        String payload = Stream.of(
                        "\"Step\":\"" + step, "\"SecretId\":\"" + found.arn(), "\"ClientRequestToken\":\"" + token)
                .reduce((one, other) -> one + "\"," + other)
                .map(text -> "{" + text + "\"}")
                .orElseThrow();
        try {
            InvocationResponse answer = lambda.invoke_(
                    new InvocationRequest()
                            .functionName(function)
                            .invocationType("RequestResponse")
                            .payload(payload.getBytes(StandardCharsets.UTF_8)),
                    call(found, function));
            return answer.functionError() == null;
        } catch (Fault fault) {
            return false;
        }
    }

    private Call call(Found found, String function) {
        Arn arn = Arn.parse(function).orElse(null);
        return new Call(
                OnBehalf.of(Values.HOST, found.arn(), found.key().account()),
                arn == null ? found.key().account() : arn.account(),
                arn == null ? found.key().region() : arn.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(Values.HOST));
    }
}
