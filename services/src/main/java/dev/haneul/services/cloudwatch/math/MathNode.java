package dev.haneul.services.cloudwatch.math;

import java.util.List;

/** A parsed expression. */
sealed interface MathNode {
    record Number(double value) implements MathNode {}

    record Text(String text) implements MathNode {}

    /** The id of another query, or a keyword of a function. */
    record Name(String name) implements MathNode {}

    record Negative(MathNode of) implements MathNode {}

    record Binary(String operator, MathNode left, MathNode right) implements MathNode {}

    record Call(String function, List<MathNode> arguments) implements MathNode {}

    record Array(List<MathNode> members) implements MathNode {}
}
