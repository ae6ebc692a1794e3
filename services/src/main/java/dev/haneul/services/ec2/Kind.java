package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A kind of resource: what it is called, kept and tagged as.
 *
 * @param type as tags and ARNs name it, e.g. {@code network-acl}
 * @param prefix of its ids, e.g. {@code acl}
 * @param table where it is kept, keyed by its id
 * @param id tells a record's id
 * @param notFound the code for ids nobody has, e.g. {@code InvalidNetworkAclID.NotFound}
 * @param noun as that error names it, e.g. {@code networkAcl ID}
 */
public record Kind<R>(
        String type, String prefix, Table<R> table, Function<R, String> id, String notFound, String noun) {
    private static final int PAGE = 1000;

    /** The record of an id. */
    public Optional<R> find(ReadTx tx, Scope scope, String id) {
        return id.isEmpty() ? Optional.empty() : tx.get(table, scope.key(id)).map(Row::value);
    }

    /**
     * The record of an id.
     *
     * @throws Fault in the kind's own code where there is none
     */
    public R require(ReadTx tx, Scope scope, String id) {
        return find(tx, scope, id).orElseThrow(() -> missing(List.of(id)));
    }

    /** Every record of an account and region, in order of id. */
    public List<R> all(ReadTx tx, Scope scope) {
        List<R> found = new ArrayList<>();
        String from = "";
        while (true) {
            List<Row<R>> rows = tx.range(table, scope, from, null, PAGE);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            from = rows.getLast().key().id() + "\u0000";
        }
    }

    /** Every record whose index holds this value, in order of id. */
    public List<R> find(ReadTx tx, Scope scope, String index, String value) {
        List<R> found = new ArrayList<>();
        String after = "";
        while (true) {
            List<Row<R>> rows = tx.find(table, scope, index, value, after, PAGE);
            rows.forEach(row -> found.add(row.value()));
            if (rows.size() < PAGE) {
                return found;
            }
            after = rows.getLast().key().id();
        }
    }

    /** Writes a record. */
    public R put(WriteTx tx, Scope scope, R record) {
        tx.put(table, scope.key(id.apply(record)), record);
        return record;
    }

    /** Removes a record and its tags. */
    public void delete(WriteTx tx, Scope scope, String id) {
        tx.delete(table, scope.key(id));
        Tags.forget(tx, scope, id);
    }

    /** The error for ids nobody has. */
    public Fault missing(List<String> ids) {
        return Ec2Faults.notFound(notFound, noun, ids);
    }

    /** The ARN of one of them. */
    public String arn(Scope scope, String id) {
        return Ec2Room.arn(scope, type + "/" + id);
    }
}
