package dev.haneul.services.ssm.session;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.*;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** DescribeSessions: the latest first. */
final class SessionListing {
    private static final int MOST = 200;
    private static final int CHUNK = 1000;

    private final Store store;
    private final Pager pager;

    SessionListing(Store store, Tokens tokens) {
        this.store = store;
        this.pager = new Pager(tokens, () -> Fault.of(new InvalidNextToken(), "The specified token is not valid."));
    }

    DescribeSessionsResponse describe(DescribeSessionsRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        boolean active = "Active".equals(in.state());
        List<SessionRow> found = rows(scope).stream()
                .filter(row -> row.over() != active)
                .filter(row -> in.filters().stream().allMatch(filter -> passes(row, filter)))
                .toList();
        Page<SessionRow> page = pager.list(
                found,
                row -> "%016x".formatted(Long.MAX_VALUE - row.about().started().toEpochMilli()) + row.id(),
                "DescribeSessions/" + scope + in.state() + in.filters(),
                in.nextToken(),
                Math.clamp(Objects.requireNonNullElse(in.maxResults(), MOST), 1, MOST));
        return new DescribeSessionsResponse()
                .sessions(page.items().stream().map(SessionListing::told).toList())
                .nextToken(page.next());
    }

    private List<SessionRow> rows(Scope scope) {
        return store.read(tx -> {
            List<SessionRow> all = new ArrayList<>();
            String from = "";
            List<Row<SessionRow>> rows;
            do {
                rows = tx.range(SessionRow.TABLE, scope, from, null, CHUNK);
                rows.forEach(row -> all.add(row.value()));
                from = rows.isEmpty() ? from : rows.getLast().key().id() + "\0";
            } while (rows.size() == CHUNK);
            return all;
        });
    }

    private static boolean passes(SessionRow row, SessionFilter filter) {
        String value = filter.value();
        return switch (filter.key()) {
            case "InvokedAfter" -> row.about().started().isAfter(moment(value));
            case "InvokedBefore" -> row.about().started().isBefore(moment(value));
            case "Target" -> row.target().equals(value);
            case "Owner" -> row.about().owner().equals(value);
            case "Status" -> row.status().equals(value);
            case "SessionId" -> row.id().equals(value);
            case "AccessType" -> "Standard".equals(value);
            default ->
                throw Fault.of(new InvalidFilterKey(), "The following filter key is not valid: " + filter.key() + ".");
        };
    }

    private static Instant moment(String value) {
        try {
            return Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw Fault.client("InvalidFilterValue", 400, "The filter value isn't valid: " + value + ".");
        }
    }

    private static Session told(SessionRow row) {
        return new Session()
                .sessionId(row.id())
                .target(row.target())
                .status(row.status())
                .startDate(row.about().started())
                .endDate(row.ended())
                .documentName(row.about().document())
                .owner(row.about().owner())
                .reason(row.about().reason())
                .accessType("Standard");
    }
}
