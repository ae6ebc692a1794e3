package dev.haneul.edge.table;

import java.util.List;

/**
 * What a rule asks of a request; one of its values must match. Wildcards: {@code *} for any number of characters, {@code ?}
 * for one.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html">Condition
 *     types</a>
 */
public sealed interface Condition {
    /** The Host header without its port, in any case. */
    record Host(List<Text> values) implements Condition {
        public Host {
            values = List.copyOf(values);
        }
    }

    /** The path as it came, without the query. */
    record Path(List<Text> values) implements Condition {
        public Path {
            values = List.copyOf(values);
        }
    }

    /** A header by its name, in any case; each of its lines is tried. */
    record Header(String name, List<Text> values) implements Condition {
        public Header {
            values = List.copyOf(values);
        }
    }

    /** The method, exactly. */
    record Method(List<String> values) implements Condition {
        public Method {
            values = List.copyOf(values);
        }
    }

    /** A pair of the query, in any case. */
    record Query(List<Pair> pairs) implements Condition {
        public Query {
            pairs = List.copyOf(pairs);
        }
    }

    /** The address of the connection, not of X-Forwarded-For. */
    record Source(List<Block> blocks) implements Condition {
        public Source {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * A pair to look for.
     *
     * @param key null where any key will do
     */
    record Pair(@org.jspecify.annotations.Nullable Text key, Text value) {}
}
