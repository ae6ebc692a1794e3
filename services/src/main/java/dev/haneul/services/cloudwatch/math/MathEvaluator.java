package dev.haneul.services.cloudwatch.math;

import dev.haneul.services.cloudwatch.math.MathValue.Many;
import dev.haneul.services.cloudwatch.math.MathValue.Scalar;
import dev.haneul.services.cloudwatch.math.MathValue.Series;
import dev.haneul.services.cloudwatch.math.MathValue.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Walks a parsed expression. */
final class MathEvaluator {
    private final MathExpression.Scene scene;

    MathEvaluator(MathExpression.Scene scene) {
        this.scene = scene;
    }

    MathExpression.Scene scene() {
        return scene;
    }

    MathValue value(MathNode node) {
        return switch (node) {
            case MathNode.Number number -> new Scalar(number.value());
            case MathNode.Text text -> new Text(text.text());
            case MathNode.Name name -> named(name.name());
            case MathNode.Negative negative -> each(value(negative.of()), x -> -x);
            case MathNode.Array array -> array(array.members());
            case MathNode.Binary binary ->
                combine(value(binary.left()), value(binary.right()), operator(binary.operator()));
            case MathNode.Call call -> MathFunctions.call(this, call.function(), call.arguments());
        };
    }

    private MathValue named(String name) {
        return scene.value(name).orElseGet(() -> {
            if (Character.isUpperCase(name.charAt(0))) {
                return new Text(name);
            }
            throw new MathException("Undefined variable: " + name);
        });
    }

    private Many array(List<MathNode> members) {
        List<Series> all = new ArrayList<>();
        for (MathNode each : members) {
            switch (value(each)) {
                case Series one -> all.add(one);
                case Many many -> all.addAll(many.all());
                case Scalar _, Text _ -> throw new MathException("An array holds time series only");
            }
        }
        return new Many(all);
    }

    private static DoubleBinaryOperator operator(String operator) {
        return switch (operator) {
            case "+" -> Double::sum;
            case "-" -> (a, b) -> a - b;
            case "*" -> (a, b) -> a * b;
            case "/" -> (a, b) -> a / b;
            case "^" -> Math::pow;
            case "==" -> (a, b) -> truth(a == b);
            case "!=" -> (a, b) -> truth(a != b);
            case "<=" -> (a, b) -> truth(a <= b);
            case ">=" -> (a, b) -> truth(a >= b);
            case "<" -> (a, b) -> truth(a < b);
            case ">" -> (a, b) -> truth(a > b);
            case "&&" -> (a, b) -> truth(a != 0 && b != 0);
            default -> (a, b) -> truth(a != 0 || b != 0);
        };
    }

    private static double truth(boolean holds) {
        return holds ? 1 : 0;
    }

    /** Applies an operator: moment by moment where both have a value. What is no number (x/0) is left out. */
    MathValue combine(MathValue left, MathValue right, DoubleBinaryOperator operator) {
        return switch (left) {
            case Scalar a ->
                right instanceof Scalar b
                        ? new Scalar(operator.applyAsDouble(a.value(), b.value()))
                        : each(right, x -> operator.applyAsDouble(a.value(), x));
            case Series a ->
                switch (right) {
                    case Scalar b -> each(a, x -> operator.applyAsDouble(x, b.value()));
                    case Series b -> paired(a, b, operator);
                    case Many b ->
                        new Many(b.all().stream()
                                .map(one -> paired(a, one, operator).labelled(one.label()))
                                .toList());
                    case Text _ -> throw noText();
                };
            case Many a -> many(a, right, operator);
            case Text _ -> throw noText();
        };
    }

    private Many many(Many left, MathValue right, DoubleBinaryOperator operator) {
        List<Series> out = new ArrayList<>();
        if (right instanceof Many other) {
            if (left.all().size() != other.all().size()) {
                throw new MathException("Arrays of different sizes cannot be combined");
            }
            for (int i = 0; i < left.all().size(); i++) {
                out.add(paired(left.all().get(i), other.all().get(i), operator));
            }
            return new Many(out);
        }
        for (Series one : left.all()) {
            if (combine(one, right, operator) instanceof Series made) {
                out.add(made.labelled(one.label()));
            }
        }
        return new Many(out);
    }

    private static Series paired(Series a, Series b, DoubleBinaryOperator operator) {
        TreeMap<Long, Double> points = new TreeMap<>();
        a.points().forEach((at, value) -> {
            Double other = b.points().get(at);
            if (other != null) {
                put(points, at, operator.applyAsDouble(value, other));
            }
        });
        return new Series(a.label(), Math.max(a.periodSeconds(), b.periodSeconds()), points);
    }

    /** Changes every number. */
    static MathValue each(MathValue value, DoubleUnaryOperator change) {
        return switch (value) {
            case Scalar one -> new Scalar(change.applyAsDouble(one.value()));
            case Series one -> eachOf(one, change);
            case Many many ->
                new Many(many.all().stream().map(one -> eachOf(one, change)).toList());
            case Text _ -> throw noText();
        };
    }

    private static Series eachOf(Series series, DoubleUnaryOperator change) {
        TreeMap<Long, Double> points = new TreeMap<>();
        for (Map.Entry<Long, Double> point : series.points().entrySet()) {
            put(points, point.getKey(), change.applyAsDouble(point.getValue()));
        }
        return new Series(series.label(), series.periodSeconds(), points);
    }

    static void put(TreeMap<Long, Double> points, long at, double value) {
        if (Double.isFinite(value)) {
            points.put(at, value);
        }
    }

    static MathException noText() {
        return new MathException("A text stands where a number or time series should");
    }
}
