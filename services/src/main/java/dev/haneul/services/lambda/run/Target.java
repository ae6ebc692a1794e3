package dev.haneul.services.lambda.run;

import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import dev.haneul.storage.BlobRef;
import java.util.List;
import java.util.Map;

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
        boolean provisioned) {
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
                true);
    }

    /** Names what environments may be shared by. */
    public String identity() {
        return function() + ":" + version + ":" + revision;
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
