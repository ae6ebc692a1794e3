package dev.haneul.trials.events;

import software.amazon.awssdk.services.iam.IamClient;

/** Roles for services. */
record Roles(IamClient iam) {
    /** A role that the service may assume, with these actions on everything; answers its ARN. */
    String make(String name, String service, String actions) {
        String arn = iam.createRole(request -> request.roleName(name)
                        .assumeRolePolicyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                + "\"Principal\":{\"Service\":\"" + service
                                + "\"},\"Action\":\"sts:AssumeRole\"}]}"))
                .role()
                .arn();
        iam.putRolePolicy(request -> request.roleName(name)
                .policyName("p")
                .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\""
                        + actions + "\",\"Resource\":\"*\"}]}"));
        return arn;
    }
}
