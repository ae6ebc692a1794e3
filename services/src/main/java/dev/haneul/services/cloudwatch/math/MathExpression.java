package dev.haneul.services.cloudwatch.math;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** An expression over time series, ready to be evaluated. */
public final class MathExpression {
    private final MathNode root;

    private MathExpression(MathNode root) {
        this.root = root;
    }

    /**
     * Where an expression's ids and searches lead.
     *
     * <p>{@code from} (inclusive) and {@code to} (exclusive) are the evaluated stretch in epoch milliseconds.
     */
    public interface Scene {
        /** The value of another query; empty where there is none of this id. */
        Optional<MathValue> value(String id);

        /** The values of the queries that read metrics and whose ids hold this text. */
        List<MathValue.Series> metrics(String part);

        /** The metrics a search finds. */
        List<MathValue.Series> search(MetricSearch search, String statistic, int periodSeconds);

        long fromMillis();

        long toMillis();

        /** The period for what has none of its own. */
        int periodSeconds();
    }

    /**
     * Parses.
     *
     * @throws MathException where it breaks the syntax or calls a function there is not
     */
    public static MathExpression parse(String text) {
        MathNode root = MathParser.parse(text);
        check(root);
        return new MathExpression(root);
    }

    private static void check(MathNode node) {
        switch (node) {
            case MathNode.Call call -> {
                if (!MathFunctions.NAMES.contains(call.function())) {
                    throw new MathException("Unsupported function: " + call.function());
                }
                call.arguments().forEach(MathExpression::check);
            }
            case MathNode.Binary binary -> {
                check(binary.left());
                check(binary.right());
            }
            case MathNode.Negative negative -> check(negative.of());
            case MathNode.Array array -> array.members().forEach(MathExpression::check);
            case MathNode.Name _, MathNode.Number _, MathNode.Text _ -> {}
        }
    }

    /** The ids it uses. */
    public Set<String> ids() {
        Set<String> found = new LinkedHashSet<>();
        gather(root, found);
        return found;
    }

    /** Whether it uses this function. */
    public boolean calls(String function) {
        return calls(root, function.toUpperCase(Locale.ROOT));
    }

    private static boolean calls(MathNode node, String function) {
        return switch (node) {
            case MathNode.Call call ->
                call.function().equals(function) || call.arguments().stream().anyMatch(each -> calls(each, function));
            case MathNode.Binary binary -> calls(binary.left(), function) || calls(binary.right(), function);
            case MathNode.Negative negative -> calls(negative.of(), function);
            case MathNode.Array array -> array.members().stream().anyMatch(each -> calls(each, function));
            case MathNode.Name _, MathNode.Number _, MathNode.Text _ -> false;
        };
    }

    private static void gather(MathNode node, Set<String> found) {
        switch (node) {
            case MathNode.Name name -> {
                if (Character.isLowerCase(name.name().charAt(0))) {
                    found.add(name.name());
                }
            }
            case MathNode.Call call -> call.arguments().forEach(each -> gather(each, found));
            case MathNode.Binary binary -> {
                gather(binary.left(), found);
                gather(binary.right(), found);
            }
            case MathNode.Negative negative -> gather(negative.of(), found);
            case MathNode.Array array -> array.members().forEach(each -> gather(each, found));
            case MathNode.Number _, MathNode.Text _ -> {}
        }
    }

    /**
     * Evaluates.
     *
     * @throws MathException where values do not fit
     */
    public MathValue evaluate(Scene scene) {
        return new MathEvaluator(scene).value(root);
    }
}
