package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.*;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.PhoneRow;
import dev.haneul.services.sns.SnsTables.SmsRow;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What accounts say of text messages, the sandbox's numbers, and numbers that opted out: whoever puts a file named STOP
 * into a number's folder of the mailbox has answered so from that phone.
 *
 * @see <a href="https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html">Mobile text
 *     messaging</a>
 */
final class Phones {
    private static final int PAGE = 100;
    private static final Duration OPTED_IN = Duration.ofDays(30);
    private static final int MOST_TRIES = 5;
    private static final int MOST_SANDBOXED = 10;
    private static final int MOST_NUMBERS = 10_000;
    private static final String PENDING = "Pending";
    private static final Set<String> SETTABLE = Set.of(
            "DefaultSMSType",
            "DefaultSenderID",
            "DeliveryStatusIAMRole",
            "DeliveryStatusSuccessSamplingRate",
            "MonthlySpendLimit",
            "UsageReportS3Bucket");

    private final Store store;
    private final Clock clock;
    private final Tokens tokens;
    private final Mailbox mailbox;
    private final SecureRandom random = new SecureRandom();

    Phones(Store store, Clock clock, Tokens tokens, Mailbox mailbox) {
        this.store = store;
        this.clock = clock;
        this.tokens = tokens;
        this.mailbox = mailbox;
    }

    private static String sound(String number) {
        if (!Subscriptions.PHONE.matcher(number).matches()) {
            throw SnsFaults.invalid("PhoneNumber Reason: input incorrectly formatted");
        }
        return number;
    }

    boolean optedOut(String number) {
        return mailbox.stopped(sound(number));
    }

    ListPhoneNumbersOptedOutResponse optedOut(ListPhoneNumbersOptedOutInput in, Call call) {
        String context = "ListPhoneNumbersOptedOut/" + call.account();
        String after = in.nextToken() == null
                ? ""
                : tokens.open(context, in.nextToken()).orElseThrow(() -> SnsFaults.invalid("NextToken"));
        List<String> numbers = mailbox.stopped().stream()
                .filter(each -> each.compareTo(after) > 0)
                .limit(PAGE + 1)
                .toList();
        List<String> page = numbers.subList(0, Math.min(PAGE, numbers.size()));
        return new ListPhoneNumbersOptedOutResponse()
                .phoneNumbers(page)
                .nextToken(numbers.size() > PAGE ? tokens.seal(context, page.getLast()) : null);
    }

    /** Once in thirty days. */
    void optIn(String number, Call call) {
        Key key = new Key(call.account(), call.region(), sound(number));
        long now = clock.instant().toEpochMilli();
        if (!mailbox.stopped(number)) {
            return;
        }
        store.write(tx -> {
            PhoneRow row = tx.get(SnsTables.PHONES, key).map(Row::value).orElse(PhoneRow.UNKNOWN);
            if (row.optedInMillis() > 0 && row.optedInMillis() + OPTED_IN.toMillis() > now) {
                throw SnsFaults.invalid("PhoneNumber Reason: " + number + " was opted in within the last 30 days");
            }
            tx.put(SnsTables.PHONES, key, row.optedIn(now));
        });
        mailbox.resume(number);
    }

    private static Key sms(String account, String region) {
        return new Key(account, region, "attributes");
    }

    Map<String, String> attributes(Scope scope) {
        return store.read(tx -> tx.get(SnsTables.SMS, sms(scope.account(), scope.region())))
                .map(row -> row.value().attributes())
                .orElse(Map.of());
    }

    Map<String, String> attributes(List<String> wanted, Call call) {
        Map<String, String> all = new LinkedHashMap<>(attributes(new Scope(call.account(), call.region())));
        all.putIfAbsent("MonthlySpendLimit", "1");
        if (!wanted.isEmpty()) {
            all.keySet().retainAll(wanted);
        }
        return all;
    }

    void set(Map<String, String> attributes, Call call) {
        attributes.forEach((name, value) -> {
            boolean sound = switch (name) {
                case "DefaultSMSType" -> value.equals("Promotional") || value.equals("Transactional");
                case "DefaultSenderID" -> value.matches("[A-Za-z0-9]{0,11}");
                case "DeliveryStatusSuccessSamplingRate" -> value.matches("[0-9]|[1-9][0-9]|100");
                case "MonthlySpendLimit" -> value.matches("[0-9]{1,9}");
                default -> SETTABLE.contains(name);
            };
            if (!sound) {
                throw SnsFaults.invalid(
                        SETTABLE.contains(name) ? name : "Attributes Reason: Invalid attribute name: " + name);
            }
        });
        Key key = sms(call.account(), call.region());
        store.write(tx -> {
            Map<String, String> all = new LinkedHashMap<>(tx.get(SnsTables.SMS, key)
                    .map(row -> row.value().attributes())
                    .orElse(Map.of()));
            all.putAll(attributes);
            tx.put(SnsTables.SMS, key, new SmsRow(all));
        });
    }

    /** Sends a number the password by which it is verified. */
    void sandbox(String number, Call call) {
        Key key = new Key(call.account(), call.region(), sound(number));
        String password = "%06d".formatted(random.nextInt(1_000_000));
        store.write(tx -> {
            PhoneRow row = tx.get(SnsTables.PHONES, key).map(Row::value).orElse(PhoneRow.UNKNOWN);
            long others = tx.range(SnsTables.PHONES, key.scope(), "", null, MOST_NUMBERS).stream()
                    .filter(each ->
                            each.value().sandbox() != null && !each.key().equals(key))
                    .count();
            if (others >= MOST_SANDBOXED) {
                throw Fault.of(
                        new UserErrorException(), "The account has " + MOST_SANDBOXED + " sandbox numbers already");
            }
            tx.put(SnsTables.PHONES, key, row.sandboxed(PENDING, password, 0));
        });
        mailbox.text(number, "Your AWS SMS sandbox verification code is " + password);
    }

    void verify(String number, String password, Call call) {
        Key key = new Key(call.account(), call.region(), sound(number));
        boolean right = store.<Boolean>transact(tx -> {
            PhoneRow row = tx.get(SnsTables.PHONES, key)
                    .map(Row::value)
                    .filter(each -> each.sandbox() != null)
                    .orElseThrow(SnsFaults::noResource);
            boolean matches = password.equals(row.password()) && row.tries() < MOST_TRIES;
            tx.put(
                    SnsTables.PHONES,
                    key,
                    matches
                            ? row.sandboxed("Verified", "", 0)
                            : row.sandboxed(row.sandbox(), row.password(), row.tries() + 1));
            return matches;
        });
        if (!right) {
            throw Fault.of(
                    new VerificationException().status(PENDING),
                    "The one-time password is wrong, was used already, or was tried too often");
        }
    }

    void release(String number, Call call) {
        Key key = new Key(call.account(), call.region(), sound(number));
        store.write(tx -> {
            PhoneRow row = tx.get(SnsTables.PHONES, key)
                    .map(Row::value)
                    .filter(each -> each.sandbox() != null)
                    .orElseThrow(SnsFaults::noResource);
            tx.put(SnsTables.PHONES, key, row.sandboxed(null, "", 0));
        });
    }

    ListSMSSandboxPhoneNumbersResult sandboxed(ListSMSSandboxPhoneNumbersInput in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String context = "ListSMSSandboxPhoneNumbers/" + scope;
        int most = in.maxResults() == null ? PAGE : in.maxResults();
        String after = in.nextToken() == null
                ? ""
                : tokens.open(context, in.nextToken()).orElseThrow(() -> SnsFaults.invalid("NextToken"));
        List<Row<PhoneRow>> rows = store.read(tx -> tx.range(SnsTables.PHONES, scope, "", null, MOST_NUMBERS)).stream()
                .filter(row -> row.value().sandbox() != null && row.key().id().compareTo(after) > 0)
                .limit(most + 1L)
                .toList();
        List<Row<PhoneRow>> page = rows.subList(0, Math.min(most, rows.size()));
        @Nullable
        String next =
                rows.size() > most ? tokens.seal(context, page.getLast().key().id()) : null;
        return new ListSMSSandboxPhoneNumbersResult()
                .phoneNumbers(page.stream()
                        .map(row -> new SMSSandboxPhoneNumber()
                                .phoneNumber(row.key().id())
                                .status(row.value().sandbox()))
                        .toList())
                .nextToken(next);
    }
}
