package dev.haneul.services.iam;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.call.SecondFactors;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The global condition keys of a request: who, from where, when, and which tags it names. See the User Guide's "AWS
 * global condition context keys".
 */
final class RequestFacts {
    private static final List<String> TAG_MEMBERS = List.of("Tags", "tags", "TagSet", "tagSet");
    private static final List<String> TAG_KEY_MEMBERS = List.of("TagKeys", "tagKeys");

    private RequestFacts() {}

    /** Keys stand here in lower case, which is how a context keeps them. */
    static RequestContext.Builder of(Call call, Map<String, String> principalTags, Instant now) {
        RequestContext.Builder out = RequestContext.builder();
        Principal principal = call.principal();
        Call.Origin origin = call.origin();
        boolean inside = origin.endpoint().isEmpty();
        boolean service = principal.type() == Principal.Type.SERVICE;
        out.put("aws:currenttime", now.toString());
        out.put("aws:epochtime", Long.toString(now.getEpochSecond()));
        out.put("aws:requestedregion", call.region());
        out.put("aws:securetransport", Boolean.toString(origin.secure()));
        out.put("aws:useragent", origin.userAgent().isEmpty() ? null : origin.userAgent());
        out.put("aws:referer", origin.headers().get("referer"));
        out.put("aws:sourceip", inside ? null : origin.sourceIp());
        out.put("aws:viaawsservice", Boolean.toString(inside && !service));
        if (inside && !service) {
            out.putAll("aws:calledvia", List.of(origin.sourceIp()));
            out.put("aws:calledviafirst", origin.sourceIp());
            out.put("aws:calledvialast", origin.sourceIp());
            out.put("kms:viaservice", origin.sourceIp().replaceFirst("\\.", "." + call.region() + "."));
        }
        out.put("aws:principalisawsservice", Boolean.toString(service));
        out.put("aws:principalservicename", service ? principal.arn() : null);
        out.put("aws:principaltype", type(principal));
        if (principal.type() != Principal.Type.ANONYMOUS && !service) {
            out.put("aws:principalaccount", principal.account());
            out.put("kms:calleraccount", principal.account());
            out.put("aws:principalarn", principal.attributes().getOrDefault(Subject.ENTITY_ARN, principal.arn()));
            out.put("aws:userid", principal.id());
        }
        if (principal.type() == Principal.Type.USER) {
            out.put("aws:username", principal.arn().substring(principal.arn().lastIndexOf('/') + 1));
        }
        String factor = principal.attributes().get(SessionAttributes.MFA_TIME);
        if (factor != null) {
            out.put("aws:multifactorauthage", Long.toString(now.getEpochSecond() - Long.parseLong(factor)));
        }
        principalTags.forEach((key, value) -> out.put("aws:PrincipalTag/" + key, value));
        principal.attributes().forEach((key, value) -> {
            if (key.startsWith("aws:")) {
                out.put(key, value);
            }
        });
        return out;
    }

    private static String type(Principal principal) {
        return switch (principal.type()) {
            case ROOT -> "Account";
            case USER -> "User";
            case ASSUMED_ROLE -> "AssumedRole";
            case FEDERATED_USER -> "FederatedUser";
            case SERVICE -> "Service";
            case ANONYMOUS -> "Anonymous";
        };
    }

    /**
     * Takes the MFA code of a request that comes with one (AssumeRole's): its role's trust policy may ask for it.
     *
     * @throws Fault where the code is not the device's
     */
    static void addFactor(Struct input, Call call, SecondFactors factors, RequestContext.Builder out) {
        if (value(input, "SerialNumber") instanceof String serial) {
            boolean taken =
                    value(input, "TokenCode") instanceof String code && factors.take(call.principal(), serial, code);
            if (!taken) {
                throw Denials.plain("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
            }
            out.put("aws:multifactorauthpresent", "true");
            out.put("aws:multifactorauthage", "0");
        }
    }

    /** Adds {@code aws:RequestTag} and {@code aws:TagKeys} where the request names tags in any of the usual forms. */
    static void addTags(Struct input, RequestContext.Builder out) {
        List<String> keys = new ArrayList<>();
        boolean named = false;
        for (String name : TAG_MEMBERS) {
            Object value = value(input, name);
            named |= value != null;
            if (value instanceof List<?> tags) {
                tags.forEach(tag -> addTag(tag, keys, out));
            } else if (value instanceof Map<?, ?> tags) {
                tags.forEach((key, each) -> addTag(String.valueOf(key), String.valueOf(each), keys, out));
            }
        }
        if (value(input, "TagSpecifications") instanceof List<?> specifications) {
            named = true;
            specifications.forEach(each -> addSpecified(each, keys, out));
        }
        for (String name : TAG_KEY_MEMBERS) {
            if (value(input, name) instanceof List<?> list) {
                named = true;
                list.forEach(key -> keys.add(String.valueOf(key)));
            }
        }
        if (named) {
            out.putAll("aws:tagkeys", keys);
        }
    }

    /** EC2's tags stand per type of what is made. */
    private static void addSpecified(@Nullable Object specification, List<String> keys, RequestContext.Builder out) {
        if (specification instanceof Struct struct && value(struct, "Tags") instanceof List<?> tags) {
            tags.forEach(tag -> addTag(tag, keys, out));
        }
    }

    private static void addTag(@Nullable Object tag, List<String> keys, RequestContext.Builder out) {
        if (tag instanceof Struct struct) {
            Object key = either(struct, "Key", "key");
            Object value = either(struct, "Value", "value");
            if (key instanceof String name) {
                addTag(name, value instanceof String text ? text : "", keys, out);
            }
        }
    }

    private static void addTag(String key, String value, List<String> keys, RequestContext.Builder out) {
        keys.add(key);
        out.put("aws:RequestTag/" + key, value);
    }

    private static @Nullable Object either(Struct struct, String one, String other) {
        Object value = value(struct, one);
        return value == null ? value(struct, other) : value;
    }

    private static @Nullable Object value(Struct struct, String name) {
        Member member = struct.shape().member(name);
        return member == null ? null : struct.get(member.index());
    }
}
