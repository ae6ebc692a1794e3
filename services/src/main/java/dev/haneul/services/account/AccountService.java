package dev.haneul.services.account;

import dev.haneul.api.account.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.kernel.Regions;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.AccountRules;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Account Management's API. */
public final class AccountService implements AccountApi {
    /** Regions older than opting in, which no account can disable. */
    private static final Set<String> BY_DEFAULT = Set.of(
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2");

    private static final int PAGE = 50;
    private static final int CHUNK = 1000;

    private final Store store;
    private final Tokens tokens;
    /** Disabled regions by account, for the authorizer asks of every call. */
    private final Map<String, List<String>> disabled = new ConcurrentHashMap<>();

    /**
     * Makes the service and opens its table.
     *
     * @param folderKey the data folder's key, under which page tokens are sealed
     */
    public AccountService(Store store, byte[] folderKey) {
        this.store = store;
        this.tokens = new Tokens(Tokens.derive(folderKey, "account tokens"));
        store.open(List.of(AccountRow.TABLE), List.of());
        forget();
    }

    /** Which regions accounts use, for the authorizer. */
    public AccountRules.OptedRegions regions() {
        return (account, region) -> {
            List<String> closed = disabled.get(account);
            return closed == null || !closed.contains(region);
        };
    }

    /** Reads afresh what is kept in memory, after the store was emptied. */
    public void forget() {
        disabled.clear();
        Key after = null;
        while (true) {
            Key from = after;
            List<Row<AccountRow>> rows = store.read(tx -> tx.all(AccountRow.TABLE, from, CHUNK));
            rows.forEach(row -> disabled.put(row.key().account(), row.value().disabled()));
            if (rows.size() < CHUNK) {
                return;
            }
            after = rows.getLast().key();
        }
    }

    @Override
    public GetAccountInformationResponse getAccountInformation(GetAccountInformationRequest in, Call call) {
        requireOwn(in.accountId(), "GetAccountInformation");
        AccountRow row = read(call);
        return new GetAccountInformationResponse()
                .accountId(call.account())
                .accountName(row.name() == null ? call.account() : row.name());
    }

    @Override
    public PutAccountNameResponse putAccountName(PutAccountNameRequest in, Call call) {
        requireOwn(in.accountId(), "PutAccountName");
        change(call, row -> row.named(in.accountName()));
        return new PutAccountNameResponse();
    }

    @Override
    public GetContactInformationResponse getContactInformation(GetContactInformationRequest in, Call call) {
        requireOwn(in.accountId(), "GetContactInformation");
        ContactInformation contact = read(call).contact();
        if (contact == null) {
            throw missing("The contact information has not been set.");
        }
        return new GetContactInformationResponse().contactInformation(contact);
    }

    @Override
    public PutContactInformationResponse putContactInformation(PutContactInformationRequest in, Call call) {
        requireOwn(in.accountId(), "PutContactInformation");
        change(call, row -> row.with(in.contactInformation()));
        return new PutContactInformationResponse();
    }

    @Override
    public GetAlternateContactResponse getAlternateContact(GetAlternateContactRequest in, Call call) {
        requireOwn(in.accountId(), "GetAlternateContact");
        AlternateContact found = read(call).alternates().get(in.alternateContactType());
        if (found == null) {
            throw missing("No contact of the inputted alternate contact type found.");
        }
        return new GetAlternateContactResponse().alternateContact(found);
    }

    @Override
    public PutAlternateContactResponse putAlternateContact(PutAlternateContactRequest in, Call call) {
        requireOwn(in.accountId(), "PutAlternateContact");
        AlternateContact contact = new AlternateContact()
                .alternateContactType(in.alternateContactType())
                .name(in.name())
                .title(in.title())
                .emailAddress(in.emailAddress())
                .phoneNumber(in.phoneNumber());
        change(call, row -> row.with(in.alternateContactType(), contact));
        return new PutAlternateContactResponse();
    }

    @Override
    public DeleteAlternateContactResponse deleteAlternateContact(DeleteAlternateContactRequest in, Call call) {
        requireOwn(in.accountId(), "DeleteAlternateContact");
        change(call, row -> {
            if (!row.alternates().containsKey(in.alternateContactType())) {
                throw missing("No contact of the inputted alternate contact type found.");
            }
            return row.with(in.alternateContactType(), null);
        });
        return new DeleteAlternateContactResponse();
    }

    @Override
    public ListRegionsResponse listRegions(ListRegionsRequest in, Call call) {
        requireOwn(in.accountId(), "ListRegions");
        AccountRow row = read(call);
        List<Region> all = Regions.of(Regions.partition(call.region())).stream()
                .map(name -> new Region().regionName(name).regionOptStatus(status(row, name)))
                .filter(each -> in.regionOptStatusContains().isEmpty()
                        || in.regionOptStatusContains().contains(each.regionOptStatus()))
                .toList();
        String token = in.nextToken();
        int from = token == null
                ? 0
                : tokens.open("regions", token)
                        .map(Integer::parseInt)
                        .orElseThrow(() -> invalid("The nextToken is not valid."));
        int start = Math.min(from, all.size());
        int end = Math.min(all.size(), start + (in.maxResults() == null ? PAGE : in.maxResults()));
        return new ListRegionsResponse()
                .regions(all.subList(start, end))
                .nextToken(end < all.size() ? tokens.seal("regions", String.valueOf(end)) : null);
    }

    @Override
    public GetRegionOptStatusResponse getRegionOptStatus(GetRegionOptStatusRequest in, Call call) {
        requireOwn(in.accountId(), "GetRegionOptStatus");
        requireRegion(in.regionName());
        return new GetRegionOptStatusResponse()
                .regionName(in.regionName())
                .regionOptStatus(status(read(call), in.regionName()));
    }

    @Override
    public EnableRegionResponse enableRegion(EnableRegionRequest in, Call call) {
        requireOwn(in.accountId(), "EnableRegion");
        requireOptIn(in.regionName());
        change(call, row -> {
            List<String> closed = new ArrayList<>(row.disabled());
            closed.remove(in.regionName());
            return row.disabling(closed);
        });
        return new EnableRegionResponse();
    }

    @Override
    public DisableRegionResponse disableRegion(DisableRegionRequest in, Call call) {
        requireOwn(in.accountId(), "DisableRegion");
        requireOptIn(in.regionName());
        change(call, row -> {
            List<String> closed = new ArrayList<>(row.disabled());
            if (!closed.contains(in.regionName())) {
                closed.add(in.regionName());
            }
            return row.disabling(closed);
        });
        return new DisableRegionResponse();
    }

    private static String status(AccountRow row, String region) {
        if (BY_DEFAULT.contains(region) || !Regions.partition(region).equals("aws")) {
            return RegionOptStatus.ENABLED_BY_DEFAULT;
        }
        return row.disabled().contains(region) ? RegionOptStatus.DISABLED : RegionOptStatus.ENABLED;
    }

    private static void requireRegion(String region) {
        if (!Regions.exists(region)) {
            throw invalid("The region " + region + " is not valid.");
        }
    }

    private static void requireOptIn(String region) {
        requireRegion(region);
        if (BY_DEFAULT.contains(region) || !Regions.partition(region).equals("aws")) {
            throw invalid("The region " + region + " is enabled by default and cannot be changed.");
        }
    }

    private AccountRow read(Call call) {
        return store.read(tx -> tx.get(AccountRow.TABLE, AccountRow.key(call.account()))
                .map(Row::value)
                .orElse(AccountRow.NEW));
    }

    private void change(Call call, UnaryOperator<AccountRow> body) {
        AccountRow changed = store.transact(tx -> {
            AccountRow row = body.apply(tx.get(AccountRow.TABLE, AccountRow.key(call.account()))
                    .map(Row::value)
                    .orElse(AccountRow.NEW));
            tx.put(AccountRow.TABLE, AccountRow.key(call.account()), row);
            return row;
        });
        disabled.put(call.account(), changed.disabled());
    }

    /** Another account's is for its organisation's management account, which is not built. */
    private static void requireOwn(@Nullable String account, String operation) {
        if (account != null) {
            throw Faults.notImplemented("account", operation + " with AccountId");
        }
    }

    private static Fault missing(String message) {
        return Fault.client("ResourceNotFoundException", 404, message);
    }

    private static Fault invalid(String message) {
        return Fault.client("ValidationException", 400, message);
    }
}
