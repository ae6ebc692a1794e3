package dev.haneul.services.events;

import dev.haneul.api.iam.CreateServiceLinkedRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.CreateSecretRequest;
import dev.haneul.api.secretsmanager.DeleteSecretRequest;
import dev.haneul.api.secretsmanager.GetSecretValueRequest;
import dev.haneul.api.secretsmanager.PutSecretValueRequest;
import dev.haneul.api.secretsmanager.SecretsManagerClient;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.store.Scope;
import java.util.UUID;

/**
 * Connections' secrets, kept in Secrets Manager as {@code events!connection/NAME/ID} under EventBridge's service-linked
 * role, which is made when it is first needed.
 */
final class ConnectionSecrets {
    private static final String HOST = "apidestinations.events.amazonaws.com";
    private static final String ROLE = "AWSServiceRoleForAmazonEventBridgeApiDestinations";

    private final Targets targets;
    private final SecretsManagerClient secrets;
    private final IamClient iam;

    ConnectionSecrets(Caller neighbours, Targets targets) {
        this.targets = targets;
        secrets = new SecretsManagerClient(neighbours);
        iam = new IamClient(neighbours);
    }

    /**
     * Keeps a new connection's secret.
     *
     * @return its ARN
     */
    String create(Scope scope, String connectionArn, String connection, String value, Call call) {
        String name = "events!connection/" + connection + "/" + UUID.randomUUID();
        String arn = secrets.createSecret(
                        new CreateSecretRequest().name(name).secretString(value), ourselves(scope, connectionArn, call))
                .arn();
        if (arn == null) {
            throw new IllegalStateException("Secrets Manager told no ARN for " + name);
        }
        return arn;
    }

    void change(Scope scope, String connectionArn, String secretArn, String value, Call call) {
        secrets.putSecretValue(
                new PutSecretValueRequest().secretId(secretArn).secretString(value),
                ourselves(scope, connectionArn, call));
    }

    /** The value of a connection's secret. */
    String read(Scope scope, String connectionArn, String secretArn) {
        String value = secrets.getSecretValue(
                        new GetSecretValueRequest().secretId(secretArn), ourselves(scope, connectionArn))
                .secretString();
        return value == null ? "{}" : value;
    }

    /** Removes a secret at once; one that is gone already is no matter. */
    void remove(Scope scope, String connectionArn, String secretArn) {
        try {
            secrets.deleteSecret(
                    new DeleteSecretRequest().secretId(secretArn).forceDeleteWithoutRecovery(true),
                    ourselves(scope, connectionArn));
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceNotFoundException")) {
                throw fault;
            }
        }
    }

    private Call ourselves(Scope scope, String connectionArn, Call asked) {
        try {
            return ourselves(scope, connectionArn);
        } catch (Fault noRole) {
            // As on AWS, whoever makes the account's first connection needs iam:CreateServiceLinkedRole.
            iam.createServiceLinkedRole(
                    new CreateServiceLinkedRoleRequest().awsServiceName(HOST),
                    new Call(
                            asked.principal(),
                            asked.account(),
                            asked.region(),
                            asked.requestId(),
                            asked.deadline(),
                            Call.Origin.inside(EventRouter.HOST)));
            return ourselves(scope, connectionArn);
        }
    }

    private Call ourselves(Scope scope, String connectionArn) {
        String role = "arn:aws:iam::" + scope.account() + ":role/aws-service-role/" + HOST + "/" + ROLE;
        Sender sender = Sender.service(HOST, scope.account(), connectionArn).under(role);
        return targets.call(sender, scope.account(), scope.region());
    }
}
