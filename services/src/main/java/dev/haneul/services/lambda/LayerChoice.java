package dev.haneul.services.lambda;

import dev.haneul.api.lambda.Layer;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.LayerVersion;
import dev.haneul.services.lambda.LayerRef.VersionRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The layers a function asks for, found and permitted: at most five, one version of each. */
final class LayerChoice {
    private static final int MOST = 5;

    private final Store store;
    private final Permissions permissions;

    LayerChoice(Store store, Permissions permissions) {
        this.store = store;
        this.permissions = permissions;
    }

    /**
     * What is mounted and what is told of it, in the order given.
     *
     * @param codes without layers of their own
     */
    record Chosen(List<Code> codes, List<Layer> shown) {
        static final Chosen NONE = new Chosen(List.of(), List.of());
    }

    Chosen of(List<String> arns, Call call) {
        if (arns.size() > MOST) {
            throw Problems.invalid("Cannot reference more than 5 layers.");
        }
        List<Code> codes = new ArrayList<>();
        List<Layer> shown = new ArrayList<>();
        Set<LayerRef> seen = new HashSet<>();
        for (String arn : arns) {
            VersionRef ref = LayerRef.ofVersion(arn)
                    .orElseThrow(() -> Problems.validation("Value '" + arns
                            + "' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must"
                            + " satisfy regular expression pattern:"
                            + " arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+]"));
            if (!seen.add(ref.layer())) {
                throw Problems.invalid("Two different versions of the same layer are not allowed to be referenced in"
                        + " the same function. " + arns);
            }
            if (!ref.layer().region().equals(call.region())) {
                throw Problems.invalid("Layer version " + arn + " is not in the function's region.");
            }
            permissions.require(call, "lambda:GetLayerVersion", arn, Map.of());
            LayerVersion found = store.read(tx -> Layers.find(tx, ref))
                    .orElseThrow(() -> Problems.invalid("Layer version " + arn + " does not exist."));
            codes.add(found.code());
            shown.add(new Layer().arn(ref.arn()).codeSize(found.bytes()));
        }
        return new Chosen(codes, shown);
    }
}
