package dev.haneul.services.lambda;

import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.TenancyConfig;
import dev.haneul.services.lambda.run.Target;
import org.jspecify.annotations.Nullable;

/**
 * Tenant isolation: environments of a function that serve one tenant each and never another's.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html">Isolating tenants in Lambda</a>
 */
final class Tenants {
    private static final String FORM = "[a-zA-Z0-9._:/=+\\-@ ]{1,256}";

    private Tenants() {}

    static boolean apart(FunctionConfiguration at) {
        return at.tenancyConfig() != null;
    }

    static void check(@Nullable TenancyConfig wanted) {
        if (wanted != null && !"PER_TENANT".equals(wanted.tenantIsolationMode())) {
            throw Problems.validation("Value '" + wanted.tenantIsolationMode()
                    + "' at 'tenancyConfig.tenantIsolationMode' failed to satisfy constraint: Member must satisfy enum"
                    + " value set: [PER_TENANT]");
        }
    }

    /** Refuses what functions with isolated tenants cannot have. */
    static void refuse(FunctionConfiguration at, String what) {
        if (apart(at)) {
            throw Problems.invalid(what + " is not supported for functions with tenant isolation enabled.");
        }
    }

    /** Refuses an invocation that names no tenant where one is needed, or one where none is known. */
    static void check(FunctionConfiguration at, @Nullable String tenant) {
        boolean given = tenant != null && !tenant.isEmpty();
        if (apart(at) && !given) {
            throw Problems.invalid(
                    "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in"
                            + " your request and try again.");
        }
        if (!apart(at) && given) {
            throw Problems.invalid(
                    "The invoked function is not enabled with tenancy configuration. Remove the tenant ID"
                            + " from your request and try again.");
        }
        if (tenant != null && given && !tenant.matches(FORM)) {
            throw Problems.validation("Value '" + tenant
                    + "' at 'tenantId' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + FORM);
        }
    }

    /** What to run for a tenant. */
    static Target target(Target target, @Nullable String tenant) {
        return tenant == null || tenant.isEmpty() ? target : target.of(tenant);
    }
}
