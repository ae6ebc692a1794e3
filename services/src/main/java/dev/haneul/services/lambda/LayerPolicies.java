package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AddLayerVersionPermissionRequest;
import dev.haneul.api.lambda.AddLayerVersionPermissionResponse;
import dev.haneul.api.lambda.GetLayerVersionPolicyRequest;
import dev.haneul.api.lambda.GetLayerVersionPolicyResponse;
import dev.haneul.api.lambda.PolicyLengthExceededException;
import dev.haneul.api.lambda.RemoveLayerVersionPermissionRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.ResourcePolicies.Owned;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.LayerVersion;
import dev.haneul.services.lambda.LambdaTables.Statement;
import dev.haneul.services.lambda.LayerRef.VersionRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Who else may use a version of a layer. See "Granting layer access to other accounts". */
final class LayerPolicies {
    private static final int LARGEST_BYTES = 20 * 1024;

    private final Store store;

    LayerPolicies(Store store) {
        this.store = store;
    }

    AddLayerVersionPermissionResponse add(AddLayerVersionPermissionRequest in, Call call) {
        VersionRef ref = LayerRef.of(in.layerName(), call).version(in.versionNumber());
        if (in.organizationId() != null && !in.principal().equals("*")) {
            throw Problems.invalid("The principal must be * where an organization is given.");
        }
        String statement = Json.write(statement(in, ref));
        String revision = UUID.randomUUID().toString();
        store.write(tx -> {
            LayerVersion before = require(tx, ref);
            List<Statement> statements = new ArrayList<>(before.statements());
            if (statements.stream().anyMatch(one -> one.sid().equals(in.statementId()))) {
                throw Problems.conflict("The statement id (" + in.statementId()
                        + ") provided already exists. Please provide a new statement id, or remove the existing"
                        + " statement.");
            }
            if (!statements.isEmpty()) {
                Functions.requireRevision(in.revisionId(), before.policyRevision());
            }
            statements.add(new Statement(in.statementId(), statement));
            int size = Policies.document(statements).getBytes(StandardCharsets.UTF_8).length;
            if (size > LARGEST_BYTES) {
                throw Fault.of(
                        new PolicyLengthExceededException().type("User"),
                        "The final policy size (" + size + ") is bigger than the limit (" + LARGEST_BYTES + ").");
            }
            tx.put(LambdaTables.LAYER_VERSIONS, ref.key(), before.with(revision, statements));
        });
        return new AddLayerVersionPermissionResponse().statement(statement).revisionId(revision);
    }

    void remove(RemoveLayerVersionPermissionRequest in, Call call) {
        VersionRef ref = LayerRef.of(in.layerName(), call).version(in.versionNumber());
        store.write(tx -> {
            LayerVersion before = require(tx, ref);
            List<Statement> statements = new ArrayList<>(before.statements());
            if (!statements.removeIf(one -> one.sid().equals(in.statementId()))) {
                throw Problems.notFound("Statement " + in.statementId() + " is not found in resource policy.");
            }
            Functions.requireRevision(in.revisionId(), before.policyRevision());
            tx.put(
                    LambdaTables.LAYER_VERSIONS,
                    ref.key(),
                    before.with(UUID.randomUUID().toString(), statements));
        });
    }

    GetLayerVersionPolicyResponse get(GetLayerVersionPolicyRequest in, Call call) {
        VersionRef ref = LayerRef.of(in.layerName(), call).version(in.versionNumber());
        LayerVersion found = store.read(tx -> require(tx, ref));
        if (found.statements().isEmpty()) {
            throw Problems.notFound("No policy is associated with the given resource.");
        }
        return new GetLayerVersionPolicyResponse()
                .policy(Policies.document(found.statements()))
                .revisionId(found.policyRevision());
    }

    /** A layer version's owner and policy. */
    Optional<Owned> find(String arn) {
        return LayerRef.ofVersion(arn)
                .flatMap(ref -> store.read(tx -> Layers.find(tx, ref))
                        .map(found -> new Owned(
                                ref.layer().account(),
                                found.statements().isEmpty() ? null : Policies.document(found.statements()))));
    }

    private static LayerVersion require(ReadTx tx, VersionRef ref) {
        return Layers.find(tx, ref)
                .orElseThrow(() -> Problems.notFound("Layer version " + ref.arn() + " does not exist."));
    }

    private static Map<String, Object> statement(AddLayerVersionPermissionRequest in, VersionRef ref) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Sid", in.statementId());
        statement.put("Effect", "Allow");
        String principal = in.principal();
        if (principal.equals("*")) {
            statement.put("Principal", principal);
        } else {
            String arn = principal.startsWith("arn:") ? principal : "arn:aws:iam::" + principal + ":root";
            statement.put("Principal", Map.of("AWS", arn));
        }
        statement.put("Action", in.action());
        statement.put("Resource", ref.arn());
        if (in.organizationId() != null) {
            statement.put("Condition", Map.of("StringEquals", Map.of("aws:PrincipalOrgID", in.organizationId())));
        }
        return statement;
    }
}
