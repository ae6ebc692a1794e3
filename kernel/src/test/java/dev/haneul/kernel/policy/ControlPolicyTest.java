package dev.haneul.kernel.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.policy.Decision.Layer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ControlPolicyTest {
    private static final NamedPolicy ALLOW = identity("Allow", "*");
    private static final NamedPolicy DENY = identity("Deny", "*");
    private static final NamedPolicy OTHER = identity("Allow", "sqs:*");

    private static NamedPolicy identity(String effect, String action) {
        String json =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"%s\",\"Action\":\"%s\",\"Resource\":\"*\"}]}"
                        .formatted(effect, action);
        return new NamedPolicy(effect, PolicyDocument.parse(json, PolicyKind.IDENTITY));
    }

    private static NamedPolicy resource(String effect) {
        String json =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"%s\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
                        .formatted(effect);
        return new NamedPolicy(effect, PolicyDocument.parse(json, PolicyKind.RESOURCE));
    }

    private static Decision decide(PolicySet policies) {
        Subject user = new Subject(
                Principal.Type.USER,
                "111111111111",
                "arn:aws:iam::111111111111:user/u",
                "arn:aws:iam::111111111111:user/u");
        return PolicyEvaluator.evaluate(
                PolicyRequest.of(user, "s3:GetObject", "arn:aws:s3:::b/k", "111111111111", RequestContext.EMPTY),
                policies);
    }

    @Test
    void aResourceControlPolicyDeniesWhateverElseAllows() {
        PolicySet open = PolicySet.ofIdentity(List.of(ALLOW));
        List<List<NamedPolicy>> full = List.of(List.of(resource("Allow")));
        assertThat(decide(open.withControls(List.of(), full)).allowed()).isTrue();
        Decision denied = decide(open.withControls(List.of(), List.of(full.getFirst(), List.of(resource("Deny")))));
        assertThat(denied.layer()).isEqualTo(Layer.RESOURCE_CONTROL);
        assertThat(denied.reason("s3:GetObject")).isEqualTo("with an explicit deny in a resource control policy");
    }

    @Property(tries = 200, seed = "2026")
    void everyLevelMustAllowAndNoneMayDeny(@ForAll @Size(min = 1, max = 5) List<@Size(max = 3) List<Kind>> levels) {
        List<List<NamedPolicy>> controls = new ArrayList<>();
        levels.forEach(level -> controls.add(level.stream().map(Kind::policy).toList()));
        boolean wanted = levels.stream().allMatch(level -> level.contains(Kind.ALLOW))
                && levels.stream().noneMatch(level -> level.contains(Kind.DENY));
        assertThat(decide(PolicySet.ofIdentity(List.of(ALLOW)).withControls(controls, List.of()))
                        .allowed())
                .isEqualTo(wanted);
        assertThat(decide(PolicySet.ROOT.withControls(controls, List.of())).allowed())
                .isEqualTo(wanted);
        assertThat(decide(PolicySet.NONE.withControls(controls, List.of())).allowed())
                .isFalse();
    }

    enum Kind {
        ALLOW,
        DENY,
        OTHER;

        NamedPolicy policy() {
            return switch (this) {
                case ALLOW -> ControlPolicyTest.ALLOW;
                case DENY -> ControlPolicyTest.DENY;
                case OTHER -> ControlPolicyTest.OTHER;
            };
        }
    }
}
