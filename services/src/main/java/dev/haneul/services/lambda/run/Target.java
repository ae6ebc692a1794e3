package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.storage.BlobRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an environment runs: one state of one version of one function. Two targets with the same identity can share
 * environments; any change of code or configuration makes another revision and so another identity.
 *
 * @param version {@code $LATEST} or a number
 * @param revision the function's revision id
 * @param role the execution role's ARN
 * @param variables the function's own environment variables
 * @param codeId names the unpacked package
 * @param code the package's zip
 * @param layers what is merged at {@code /opt}, in order
 * @param logGroup where its log goes
 * @param logFormat how it is written
 * @param provisioned whether it is kept ready, whoever calls it
 * @param extras what few functions have
 */
public record Target(
        String account,
        String region,
        String name,
        String version,
        String revision,
        RuntimeName runtime,
        String handler,
        String role,
        int memoryMib,
        int timeoutSeconds,
        int ephemeralMib,
        Map<String, String> variables,
        String codeId,
        BlobRef code,
        List<CodeStore.Part> layers,
        String logGroup,
        LogFormat logFormat,
        boolean provisioned,
        Extras extras) {

    /**
     * What few functions have.
     *
     * @param sealed its variables, encrypted; null where they stand in clear
     * @param keyArn of the key they are encrypted with; empty for none
     * @param snapshot what its start finds ready; null for none
     * @param program of a container image; null for zips
     * @param network the name of the interface it shares in a VPC; empty where it is in none
     * @param tenant whom alone the environment serves; null where tenants are not told apart
     */
    public record Extras(
            @Nullable String sealed,
            String keyArn,
            @Nullable String tenant,
            @Nullable Program program,
            @Nullable String snapshot,
            String network) {
        public static final Extras NONE = new Extras(null, "", null, null, null, "");
    }

    public Target {
        variables = Map.copyOf(variables);
        layers = List.copyOf(layers);
    }

    /** The same, to be started before it is needed and kept. */
    public Target asProvisioned() {
        return new Target(
                account,
                region,
                name,
                version,
                revision,
                runtime,
                handler,
                role,
                memoryMib,
                timeoutSeconds,
                ephemeralMib,
                variables,
                codeId,
                code,
                layers,
                logGroup,
                logFormat,
                true,
                extras);
    }

    /** The same with these variables, in clear. */
    public Target with(Map<String, String> others) {
        return new Target(
                account,
                region,
                name,
                version,
                revision,
                runtime,
                handler,
                role,
                memoryMib,
                timeoutSeconds,
                ephemeralMib,
                others,
                codeId,
                code,
                layers,
                logGroup,
                logFormat,
                provisioned,
                extras);
    }

    /** The same, for a tenant alone. */
    public Target of(String tenant) {
        return new Target(
                account,
                region,
                name,
                version,
                revision,
                runtime,
                handler,
                role,
                memoryMib,
                timeoutSeconds,
                ephemeralMib,
                variables,
                codeId,
                code,
                layers,
                logGroup,
                logFormat,
                provisioned,
                new Extras(
                        extras.sealed, extras.keyArn, tenant, extras.program, extras.snapshot, extras.network));
    }

    /** Its variables, encrypted; null where they stand in clear. */
    public @Nullable String sealedVariables() {
        return extras.sealed;
    }

    /** What is started of its container image; null for zips. */
    public @Nullable Program program() {
        return extras.program;
    }

    /** The key they are encrypted with. */
    public String keyArn() {
        return extras.keyArn;
    }

    /** Where its network leads. */
    public Networks.Network network() {
        return extras.network.isEmpty()
                ? Networks.Network.OUTSIDE
                : new Networks.Network(account, region, extras.network);
    }

    /** Names what environments may be shared by. */
    public String identity() {
        String whose = extras.tenant == null ? "" : ":" + extras.tenant;
        return function() + ":" + version + ":" + revision + whose;
    }

    /** Names the function, whatever version of it. */
    public String function() {
        return account + ":" + region + ":" + name;
    }

    /** Thousandths of a CPU: one at 1,769 MB, in proportion, six at most. */
    public int cpuMilli() {
        return Math.min(6000, Math.max(1, memoryMib * 1000 / 1769));
    }
}
