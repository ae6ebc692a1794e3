package dev.haneul.services.ec2;

import dev.haneul.api.ec2.Filter;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What describe operations have in common: ids or filters, pages, dry runs.
 *
 * @param operation e.g. {@code DescribeVpcs}
 * @param least of MaxResults, usually 5
 * @param most of MaxResults, usually 1000
 */
public record Listing<R>(String operation, Filters<R> filters, int least, int most) {
    private static final int USUAL_LEAST = 5;
    private static final int USUAL_MOST = 1000;

    /** A describe operation with the usual pages. */
    public static <R> Listing<R> of(String operation, Filters<R> filters) {
        return new Listing<>(operation, filters, USUAL_LEAST, USUAL_MOST);
    }

    /** A record beside its tags. */
    public record Tagged<R>(R record, Map<String, String> tags) {}

    /**
     * The page a request asks for.
     *
     * @param in the request: its Filters, MaxResults, NextToken and DryRun count
     * @param ids what it asks for by id; empty for all
     * @throws dev.haneul.api.runtime.Fault NotFound in the kind's code for an id nobody has
     */
    public Page<Tagged<R>> page(Ec2Room room, Kind<R> kind, Struct in, List<String> ids, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room.read(tx -> {
            List<R> found = ids.isEmpty() ? kind.all(tx, scope) : named(tx, kind, scope, ids);
            return page(room, tx, found, kind.id(), in, !ids.isEmpty(), call);
        });
    }

    private List<R> named(ReadTx tx, Kind<R> kind, Scope scope, List<String> ids) {
        List<R> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String id : ids.stream().distinct().toList()) {
            kind.find(tx, scope, id).ifPresentOrElse(found::add, () -> missing.add(id));
        }
        if (!missing.isEmpty()) {
            throw kind.missing(missing);
        }
        return found;
    }

    /**
     * The page of records that were found already.
     *
     * @param id tells them apart and orders them
     * @param named whether they were asked for by id, which excludes pages
     */
    public Page<Tagged<R>> page(
            Ec2Room room, ReadTx tx, List<R> found, Function<R, String> id, Struct in, boolean named, Call call) {
        Scope scope = Ec2Room.scope(call);
        List<Filter> given = given(in);
        BiPredicate<R, Map<String, String>> wanted = filters.parse(given);
        Integer limit = limit(in, named);
        Ec2Room.refuseDryRun(in);
        Map<String, Map<String, String>> tags = new HashMap<>();
        if (found.size() > 1) {
            Tags.all(tx, scope).forEach(row -> tags.put(row.resource(), row.tags()));
        }
        List<Tagged<R>> all = new ArrayList<>();
        for (R record : found) {
            String key = id.apply(record);
            Map<String, String> own = found.size() > 1 ? tags.getOrDefault(key, Map.of()) : Tags.of(tx, scope, key);
            if (wanted.test(record, own)) {
                all.add(new Tagged<>(record, own));
            }
        }
        String token = (String) Ec2Room.member(in, "NextToken");
        if (limit == null && (token == null || token.isEmpty())) {
            return new Page<>(all, null);
        }
        String question = operation + "/" + call.account() + "/" + call.region() + "/" + given;
        return room.pager()
                .list(
                        all,
                        each -> id.apply(each.record()),
                        question,
                        token == null || token.isEmpty() ? null : token,
                        limit == null ? most : limit);
    }

    @SuppressWarnings("unchecked")
    private static List<Filter> given(Struct in) {
        Object filters = Ec2Room.member(in, "Filters");
        Object either = filters == null ? Ec2Room.member(in, "Filter") : filters;
        return either == null ? List.of() : (List<Filter>) either;
    }

    private @Nullable Integer limit(Struct in, boolean named) {
        Integer asked = (Integer) Ec2Room.member(in, "MaxResults");
        if (asked == null || asked == 0) {
            return null;
        }
        if (named) {
            throw Ec2Faults.combination("The parameter maxResults cannot be used with a list of ids");
        }
        if (asked < least || asked > most) {
            throw Ec2Faults.invalid(
                    "Value ( " + asked + " ) for parameter maxResults is invalid. Expecting a value between " + least
                            + " and " + most + ".");
        }
        return asked;
    }
}
