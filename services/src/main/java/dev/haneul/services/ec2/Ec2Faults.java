package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * EC2's errors in its words. Nearly all answer 400.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html">Error codes</a>
 */
public final class Ec2Faults {
    private Ec2Faults() {}

    /** A client's error, 400. */
    public static Fault of(String code, String message) {
        return Fault.client(code, 400, message);
    }

    /** A dry run that would have gone well. */
    public static Fault dryRun() {
        return Fault.client("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.");
    }

    /** A value nobody may give. */
    public static Fault invalid(String message) {
        return of("InvalidParameterValue", message);
    }

    /** A value nobody may give for this parameter. */
    public static Fault invalid(String parameter, @Nullable Object value, String why) {
        return invalid("Value (" + value + ") for parameter " + parameter + " is invalid. " + why);
    }

    /** What must be there is not. */
    public static Fault missing(String parameter) {
        return of("MissingParameter", "The request must contain the parameter " + parameter);
    }

    /** What may not come together. */
    public static Fault combination(String message) {
        return of("InvalidParameterCombination", message);
    }

    /** One parameter beside another that excludes it. */
    public static Fault combination(String one, String other) {
        return combination("The parameter " + one + " cannot be used with the parameter " + other);
    }

    /** A part of an operation that is not built, named. */
    public static Fault unbuilt(String what) {
        return Fault.server("NotImplemented", 501, what + " is not implemented by Haneul yet.");
    }

    /** Something is still in use. */
    public static Fault dependency(String message) {
        return of("DependencyViolation", message);
    }

    /** Something has dependents, told by its kind and id, e.g. vpc. */
    public static Fault dependents(String noun, String id) {
        return dependency("The " + noun + " '" + id + "' has dependencies and cannot be deleted.");
    }

    /** Ids nobody has, in a kind's own code and noun. */
    static Fault notFound(String code, String noun, List<String> ids) {
        return ids.size() == 1
                ? of(code, "The " + noun + " '" + ids.getFirst() + "' does not exist")
                : of(code, "The " + noun + "s '" + String.join(", ", ids) + "' do not exist");
    }

    /** A page token that is none of ours. */
    static Fault invalidToken() {
        return of("InvalidParameterValue", "Unable to parse pagination token");
    }
}
