package dev.haneul.services.lambda;

import dev.haneul.api.lambda.AddPermissionRequest;
import dev.haneul.api.lambda.AddPermissionResponse;
import dev.haneul.api.lambda.GetPolicyRequest;
import dev.haneul.api.lambda.GetPolicyResponse;
import dev.haneul.api.lambda.PolicyLengthExceededException;
import dev.haneul.api.lambda.RemovePermissionRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.lambda.LambdaTables.Policy;
import dev.haneul.services.lambda.LambdaTables.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Resource policies: built statement by statement as AWS forms them, and handed to the region's authorizer, which asks
 * for them on every call that names a function. See "Using resource-based policies for Lambda".
 */
final class Policies implements ResourcePolicies {
    private static final int LARGEST_BYTES = 20 * 1024;
    private final Store store;
    private final LayerPolicies layers;

    Policies(Store store, LayerPolicies layers) {
        this.store = store;
        this.layers = layers;
    }

    AddPermissionResponse add(AddPermissionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        if (FunctionRef.LATEST.equals(ref.qualifier())) {
            throw Problems.invalid("We currently do not support adding policies for $LATEST.");
        }
        String statement = Json.write(statement(in, ref));
        store.write(tx -> {
            Functions.find(tx, ref);
            Policy before = policy(tx, ref).orElse(new Policy("", List.of()));
            if (before.statements().stream().anyMatch(one -> one.sid().equals(in.statementId()))) {
                throw Problems.conflict("The statement id (" + in.statementId()
                        + ") provided already exists. Please provide a new statement id, or remove the existing"
                        + " statement.");
            }
            if (!before.statements().isEmpty()) {
                Functions.requireRevision(in.revisionId(), before.revisionId());
            }
            List<Statement> statements = new ArrayList<>(before.statements());
            statements.add(new Statement(in.statementId(), statement));
            int size = document(statements).getBytes(StandardCharsets.UTF_8).length;
            if (size > LARGEST_BYTES) {
                throw Fault.of(
                        new PolicyLengthExceededException().type("User"),
                        "The final policy size (" + size + ") is bigger than the limit (" + LARGEST_BYTES + ").");
            }
            tx.put(LambdaTables.POLICIES, ref.qualifiedKey(), new Policy(newRevision(), statements));
        });
        return new AddPermissionResponse().statement(statement);
    }

    void remove(RemovePermissionRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        store.write(tx -> {
            Functions.find(tx, ref);
            Policy before = policy(tx, ref)
                    .orElseThrow(() -> Problems.notFound("No policy is associated with the given resource."));
            List<Statement> statements = new ArrayList<>(before.statements());
            if (!statements.removeIf(one -> one.sid().equals(in.statementId()))) {
                throw Problems.notFound("Statement " + in.statementId() + " is not found in resource policy.");
            }
            Functions.requireRevision(in.revisionId(), before.revisionId());
            if (statements.isEmpty()) {
                tx.delete(LambdaTables.POLICIES, ref.qualifiedKey());
            } else {
                tx.put(LambdaTables.POLICIES, ref.qualifiedKey(), new Policy(newRevision(), statements));
            }
        });
    }

    GetPolicyResponse get(GetPolicyRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        Policy found = store.read(tx -> {
            Functions.find(tx, ref);
            return policy(tx, ref).orElseThrow(() -> Problems.notFound("The resource you requested does not exist."));
        });
        return new GetPolicyResponse().policy(document(found.statements())).revisionId(found.revisionId());
    }

    /** A layer's version, or a function with or without a qualifier; each qualifier has a policy of its own. */
    @Override
    public Optional<Owned> find(String resourceArn) {
        String[] parts = resourceArn.split(":", -1);
        if (parts.length > 6 && parts[5].equals("layer")) {
            return layers.find(resourceArn);
        }
        if (parts.length < 7 || !parts[5].equals("function")) {
            return Optional.empty();
        }
        String qualifier = parts.length > 7 && !parts[7].equals(FunctionRef.LATEST) ? parts[7] : null;
        FunctionRef ref = new FunctionRef(parts[4], parts[3], parts[6], qualifier);
        if (ref.name().isEmpty()) {
            return Optional.empty();
        }
        return store.read(tx -> tx.revisionOf(LambdaTables.FUNCTIONS, ref.key())
                .map(_ -> new Owned(
                        ref.account(),
                        policy(tx, ref)
                                .map(found -> document(found.statements()))
                                .orElse(null))));
    }

    private static Optional<Policy> policy(ReadTx tx, FunctionRef ref) {
        return tx.get(LambdaTables.POLICIES, ref.qualifiedKey()).map(Row::value);
    }

    static String document(List<Statement> statements) {
        StringBuilder json = new StringBuilder("{\"Version\":\"2012-10-17\",\"Id\":\"default\",\"Statement\":[");
        for (int i = 0; i < statements.size(); i++) {
            json.append(i == 0 ? "" : ",").append(statements.get(i).json());
        }
        return json.append("]}").toString();
    }

    private static Map<String, Object> statement(AddPermissionRequest in, FunctionRef ref) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Sid", in.statementId());
        statement.put("Effect", "Allow");
        statement.put("Principal", principal(in.principal()));
        statement.put("Action", in.action());
        statement.put("Resource", ref.qualifiedArn());
        Map<String, Object> condition = new LinkedHashMap<>();
        equal(condition, "AWS:SourceAccount", in.sourceAccount());
        equal(condition, "lambda:EventSourceToken", in.eventSourceToken());
        equal(condition, "aws:PrincipalOrgID", in.principalOrgID());
        equal(condition, "lambda:FunctionUrlAuthType", in.functionUrlAuthType());
        if (in.invokedViaFunctionUrl() != null) {
            condition.put("Bool", Map.of("lambda:InvokedViaFunctionUrl", in.invokedViaFunctionUrl()));
        }
        if (in.sourceArn() != null) {
            condition.put("ArnLike", Map.of("AWS:SourceArn", in.sourceArn()));
        }
        if (!condition.isEmpty()) {
            statement.put("Condition", condition);
        }
        return statement;
    }

    @SuppressWarnings("unchecked")
    private static void equal(Map<String, Object> condition, String key, @Nullable String value) {
        if (value != null) {
            ((Map<String, Object>) condition.computeIfAbsent("StringEquals", _ -> new LinkedHashMap<>()))
                    .put(key, value);
        }
    }

    private static Object principal(String given) {
        if (given.equals("*")) {
            return given;
        }
        if (given.matches("\\d{12}")) {
            return Map.of("AWS", "arn:aws:iam::" + given + ":root");
        }
        if (given.matches("arn:aws[a-zA-Z-]*:(iam|sts)::\\d{12}:.+")) {
            return Map.of("AWS", given);
        }
        if (given.matches("[a-zA-Z0-9-]+(\\.[a-zA-Z0-9-]+)*\\.(amazonaws|amazon)\\.com(\\.cn)?")) {
            return Map.of("Service", given);
        }
        throw Problems.invalid("The provided principal was invalid. Please check the principal and try again.");
    }

    private static String newRevision() {
        return UUID.randomUUID().toString();
    }
}
