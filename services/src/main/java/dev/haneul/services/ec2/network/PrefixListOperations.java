package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.fabric.vpc.Cidr;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Cidrs;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Quotas;
import dev.haneul.services.ec2.Tags;
import dev.haneul.services.ec2.network.Nets.PrefixVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Managed prefix lists: blocks under one name, in versions.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html">Managed prefix lists</a>
 */
interface PrefixListOperations extends NetworkStory {
    int MOST_ENTRIES = 1000;

    /** How many versions are kept, which is how many can be restored. */
    int MOST_VERSIONS = 1000;

    Listing<ManagedPrefixList> PREFIX_LISTS = new Listing<>(
            "DescribeManagedPrefixLists",
            Filters.<ManagedPrefixList>tagged()
                    .one("owner-id", ManagedPrefixList::ownerId)
                    .one("prefix-list-id", ManagedPrefixList::prefixListId)
                    .one("prefix-list-name", ManagedPrefixList::prefixListName),
            1,
            100);

    Listing<PrefixListEntry> ENTRIES = new Listing<>("GetManagedPrefixListEntries", Filters.plain(), 1, 100);

    Listing<PrefixListAssociation> ASSOCIATIONS =
            new Listing<>("GetManagedPrefixListAssociations", Filters.plain(), 5, 255);

    Listing<PrefixList> AWS_LISTS = Listing.of(
            "DescribePrefixLists",
            Filters.<PrefixList>plain()
                    .one("prefix-list-id", PrefixList::prefixListId)
                    .one("prefix-list-name", PrefixList::prefixListName));

    /** The entries of a list as they are now. */
    static List<PrefixListEntry> entries(ReadTx tx, Scope scope, ManagedPrefixList list) {
        return version(tx, scope, known(list.prefixListId()), known(list.version()));
    }

    private static List<PrefixListEntry> version(ReadTx tx, Scope scope, String id, long version) {
        return tx.get(Nets.PREFIX_VERSIONS, scope.key(versionKey(id, version)))
                .map(row -> row.value().entries())
                .orElseThrow(() ->
                        Ec2Faults.invalid("The version " + version + " of prefix list " + id + " does not exist"));
    }

    private static String versionKey(String id, long version) {
        return String.format(Locale.ROOT, "%s/%019d", id, version);
    }

    private static void keep(WriteTx tx, Scope scope, String id, long version, List<PrefixListEntry> entries) {
        tx.put(Nets.PREFIX_VERSIONS, scope.key(versionKey(id, version)), new PrefixVersion(version, entries));
        if (version > MOST_VERSIONS) {
            tx.delete(Nets.PREFIX_VERSIONS, scope.key(versionKey(id, version - MOST_VERSIONS)));
        }
    }

    @Override
    default CreateManagedPrefixListResult createManagedPrefixList(CreateManagedPrefixListRequest in, Call call) {
        String name = in.prefixListName();
        checkName(name);
        checkMost(in.maxEntries());
        if (!List.of("IPv4", "IPv6").contains(in.addressFamily())) {
            throw Ec2Faults.invalid("AddressFamily", in.addressFamily(), "Valid values are IPv4 and IPv6.");
        }
        List<PrefixListEntry> entries =
                with(List.of(), in.entries(), in.addressFamily().equals("IPv6"));
        checkRoom(entries, in.maxEntries());
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "prefix-list");
        Scope scope = network().scope(call);
        String id = network().room().once("CreateManagedPrefixList", in, call, tx -> {
            if (Nets.PREFIX_LISTS.all(tx, scope).size() >= Quotas.PREFIX_LISTS) {
                throw Ec2Faults.of("PrefixListLimitExceeded", "The maximum number of prefix lists has been reached.");
            }
            String made = network().id("pl");
            Nets.PREFIX_LISTS.put(
                    tx,
                    scope,
                    new ManagedPrefixList()
                            .prefixListId(made)
                            .prefixListArn(Nets.PREFIX_LISTS.arn(scope, made))
                            .prefixListName(name)
                            .addressFamily(in.addressFamily())
                            .maxEntries(in.maxEntries())
                            .ownerId(scope.account())
                            .state("create-complete")
                            .version(1L));
            keep(tx, scope, made, 1, entries);
            Tags.put(tx, scope, Nets.PREFIX_LISTS, made, tags);
            return made;
        });
        return network()
                .room()
                .read(tx -> new CreateManagedPrefixListResult()
                        .prefixList(Nets.PREFIX_LISTS.require(tx, scope, id).tags(Tags.told(tx, scope, id))));
    }

    private static void checkName(String name) {
        if (name.isEmpty() || name.length() > 255 || name.startsWith("com.amazonaws")) {
            throw Ec2Faults.invalid(
                    "PrefixListName",
                    name,
                    "The name must have up to 255 characters and cannot start" + " with com.amazonaws.");
        }
    }

    private static void checkMost(int most) {
        if (most < 1 || most > MOST_ENTRIES) {
            throw Ec2Faults.invalid("MaxEntries", most, "It must be between 1 and " + MOST_ENTRIES + ".");
        }
    }

    private static void checkRoom(List<PrefixListEntry> entries, int most) {
        if (entries.size() > most) {
            throw Ec2Faults.of(
                    "PrefixListMaxEntriesExceeded",
                    "You've reached the maximum number of entries for the prefix list.");
        }
    }

    private static List<PrefixListEntry> with(
            List<PrefixListEntry> before, List<AddPrefixListEntry> more, boolean six) {
        List<PrefixListEntry> all = new ArrayList<>(before);
        for (AddPrefixListEntry each : more) {
            Cidr block = six ? Cidrs.v6("Cidr", each.cidr()) : Cidrs.v4("Cidr", each.cidr());
            String text = each.description();
            if (text != null && text.length() > 255) {
                throw Ec2Faults.invalid("The description exceeds the maximum length of 255 characters");
            }
            all.removeIf(entry -> block.toString().equals(entry.cidr()));
            all.add(new PrefixListEntry().cidr(block.toString()).description(text));
        }
        return all;
    }

    @Override
    default ModifyManagedPrefixListResult modifyManagedPrefixList(ModifyManagedPrefixListRequest in, Call call) {
        boolean changes = !in.addEntries().isEmpty() || !in.removeEntries().isEmpty();
        if (changes && in.maxEntries() != null) {
            throw Ec2Faults.combination("You cannot modify the entries and the maximum number of entries at once.");
        }
        if (changes && in.currentVersion() == null) {
            throw Ec2Faults.missing("CurrentVersion");
        }
        Scope scope = network().scope(call);
        String id = in.prefixListId();
        return network().room().change(in, tx -> {
            ManagedPrefixList list = Nets.PREFIX_LISTS.require(tx, scope, id);
            checkVersion(list, in.currentVersion());
            List<PrefixListEntry> entries = entries(tx, scope, list);
            if (in.prefixListName() != null) {
                checkName(in.prefixListName());
                list.prefixListName(in.prefixListName());
            }
            if (in.maxEntries() != null) {
                checkMost(in.maxEntries());
                checkRoom(entries, in.maxEntries());
                list.maxEntries(in.maxEntries());
            }
            if (changes) {
                List<PrefixListEntry> left = new ArrayList<>(entries);
                for (RemovePrefixListEntry gone : in.removeEntries()) {
                    String cidr = Cidrs.parse(gone.cidr()).map(Cidr::toString).orElse(gone.cidr());
                    if (!left.removeIf(each -> cidr.equals(each.cidr()))) {
                        throw Ec2Faults.invalid("The prefix list " + id + " has no entry " + gone.cidr());
                    }
                }
                List<PrefixListEntry> all = with(left, in.addEntries(), "IPv6".equals(list.addressFamily()));
                checkRoom(all, known(list.maxEntries()));
                list.version(known(list.version()) + 1);
                keep(tx, scope, id, known(list.version()), all);
            }
            Nets.PREFIX_LISTS.put(tx, scope, list.state("modify-complete"));
            return new ModifyManagedPrefixListResult().prefixList(list.tags(Tags.told(tx, scope, id)));
        });
    }

    private static void checkVersion(ManagedPrefixList list, @Nullable Long version) {
        if (version != null && !version.equals(list.version())) {
            throw Ec2Faults.of(
                    "PrefixListVersionMismatch",
                    "The prefix list has the incorrect version number: the current version is " + list.version() + ".");
        }
    }

    @Override
    default RestoreManagedPrefixListVersionResult restoreManagedPrefixListVersion(
            RestoreManagedPrefixListVersionRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.prefixListId();
        return network().room().change(in, tx -> {
            ManagedPrefixList list = Nets.PREFIX_LISTS.require(tx, scope, id);
            checkVersion(list, in.currentVersion());
            List<PrefixListEntry> entries = version(tx, scope, id, in.previousVersion());
            checkRoom(entries, known(list.maxEntries()));
            list.version(known(list.version()) + 1).state("restore-complete");
            keep(tx, scope, id, known(list.version()), entries);
            Nets.PREFIX_LISTS.put(tx, scope, list);
            return new RestoreManagedPrefixListVersionResult().prefixList(list.tags(Tags.told(tx, scope, id)));
        });
    }

    @Override
    default DeleteManagedPrefixListResult deleteManagedPrefixList(DeleteManagedPrefixListRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.prefixListId();
        return network().room().change(in, tx -> {
            ManagedPrefixList list = Nets.PREFIX_LISTS.require(tx, scope, id);
            if (!users(tx, scope, id).isEmpty()) {
                throw Ec2Faults.dependency("The prefix list '" + id + "' is referenced by other resources.");
            }
            while (true) {
                List<Row<PrefixVersion>> rows = tx.range(Nets.PREFIX_VERSIONS, scope, id + "/", id + "0", 500);
                if (rows.isEmpty()) {
                    break;
                }
                rows.forEach(row -> tx.delete(Nets.PREFIX_VERSIONS, row.key()));
            }
            Nets.PREFIX_LISTS.delete(tx, scope, id);
            return new DeleteManagedPrefixListResult().prefixList(list.state("delete-in-progress"));
        });
    }

    /** The security groups and route tables that name a list. */
    private static List<String> users(ReadTx tx, Scope scope, String id) {
        Stream<String> groups =
                Nets.RULES.find(tx, scope, "prefix_list", id).stream().map(rule -> known(rule.groupId()));
        Stream<String> tables = Nets.ROUTE_TABLES.all(tx, scope).stream()
                .filter(table -> table.routes().stream().anyMatch(route -> id.equals(route.destinationPrefixListId())))
                .map(table -> known(table.routeTableId()));
        return Stream.concat(groups, tables).distinct().toList();
    }

    @Override
    default DescribeManagedPrefixListsResult describeManagedPrefixLists(
            DescribeManagedPrefixListsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            List<ManagedPrefixList> aws = AwsPrefixLists.all(scope.region());
            List<ManagedPrefixList> found = new ArrayList<>();
            for (String id : in.prefixListIds()) {
                found.add(aws.stream()
                        .filter(each -> id.equals(each.prefixListId()))
                        .findFirst()
                        .orElseGet(() -> Nets.PREFIX_LISTS.require(tx, scope, id)));
            }
            boolean named = !in.prefixListIds().isEmpty();
            if (!named) {
                found.addAll(aws);
                found.addAll(Nets.PREFIX_LISTS.all(tx, scope));
            }
            Page<Tagged<ManagedPrefixList>> page =
                    PREFIX_LISTS.page(network().room(), tx, found, Nets.PREFIX_LISTS.id(), in, named, call);
            return new DescribeManagedPrefixListsResult()
                    .prefixLists(page.items().stream()
                            .map(each -> each.record().tags(Tags.told(each.tags())))
                            .toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default GetManagedPrefixListEntriesResult getManagedPrefixListEntries(
            GetManagedPrefixListEntriesRequest in, Call call) {
        Scope scope = network().scope(call);
        String id = in.prefixListId();
        return network().room().read(tx -> {
            List<PrefixListEntry> all;
            if (AwsPrefixLists.exists(scope.region(), id)) {
                all = List.of(new PrefixListEntry().cidr(VpcFabric.API_ADDRESS + "/32"));
            } else {
                ManagedPrefixList list = Nets.PREFIX_LISTS.require(tx, scope, id);
                all = version(tx, scope, id, in.targetVersion() == null ? known(list.version()) : in.targetVersion());
            }
            Page<Tagged<PrefixListEntry>> page =
                    ENTRIES.page(network().room(), tx, all, each -> known(each.cidr()), in, false, call);
            return new GetManagedPrefixListEntriesResult()
                    .entries(page.items().stream().map(Tagged::record).toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default GetManagedPrefixListAssociationsResult getManagedPrefixListAssociations(
            GetManagedPrefixListAssociationsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().read(tx -> {
            Nets.PREFIX_LISTS.require(tx, scope, in.prefixListId());
            List<PrefixListAssociation> all = users(tx, scope, in.prefixListId()).stream()
                    .map(id -> new PrefixListAssociation().resourceId(id).resourceOwner(scope.account()))
                    .toList();
            Page<Tagged<PrefixListAssociation>> page =
                    ASSOCIATIONS.page(network().room(), tx, all, each -> known(each.resourceId()), in, false, call);
            return new GetManagedPrefixListAssociationsResult()
                    .prefixListAssociations(
                            page.items().stream().map(Tagged::record).toList())
                    .nextToken(page.next());
        });
    }

    @Override
    default DescribePrefixListsResult describePrefixLists(DescribePrefixListsRequest in, Call call) {
        List<PrefixList> all = AwsPrefixLists.services(call.region()).stream()
                .map(service -> new PrefixList()
                        .prefixListId(AwsPrefixLists.id(service))
                        .prefixListName(service)
                        .cidrs(List.of(VpcFabric.API_ADDRESS + "/32")))
                .filter(each ->
                        in.prefixListIds().isEmpty() || in.prefixListIds().contains(known(each.prefixListId())))
                .toList();
        for (String id : in.prefixListIds()) {
            if (!AwsPrefixLists.exists(call.region(), id)) {
                throw Nets.PREFIX_LISTS.missing(List.of(id));
            }
        }
        Ec2Room.refuseDryRun(in);
        return network().room().read(tx -> {
            Page<Tagged<PrefixList>> page = AWS_LISTS.page(
                    network().room(),
                    tx,
                    all,
                    each -> known(each.prefixListId()),
                    in,
                    !in.prefixListIds().isEmpty(),
                    call);
            return new DescribePrefixListsResult()
                    .prefixLists(page.items().stream().map(Tagged::record).toList())
                    .nextToken(page.next());
        });
    }
}
