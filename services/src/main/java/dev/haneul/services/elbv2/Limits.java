package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.DescribeAccountLimitsInput;
import dev.haneul.api.elbv2.DescribeAccountLimitsOutput;
import dev.haneul.api.elbv2.Limit;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an account may have at most. */
final class Limits {
    private static final Map<String, String> ALL = all();

    private Limits() {}

    private static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("target-groups", "3000");
        all.put("targets-per-application-load-balancer", "1000");
        all.put("listeners-per-application-load-balancer", "50");
        all.put("rules-per-application-load-balancer", "100");
        all.put("network-load-balancers", "50");
        all.put("targets-per-network-load-balancer", "3000");
        all.put("targets-per-availability-zone-per-network-load-balancer", "500");
        all.put("listeners-per-network-load-balancer", "50");
        all.put("condition-values-per-alb-rule", "5");
        all.put("condition-wildcards-per-alb-rule", "5");
        all.put("target-groups-per-application-load-balancer", "100");
        all.put("target-groups-per-action-on-application-load-balancer", "5");
        all.put("target-groups-per-action-on-network-load-balancer", "1");
        all.put("certificates-per-application-load-balancer", "25");
        all.put("certificates-per-network-load-balancer", "25");
        all.put("targets-per-target-group", "1000");
        all.put("target-id-registrations-per-application-load-balancer", "1000");
        all.put("application-load-balancers", "50");
        all.put("trust-stores-per-account", "20");
        return all;
    }

    static DescribeAccountLimitsOutput describe(DescribeAccountLimitsInput in, Pager pager) {
        Page<String> page = pager.list(
                ALL.keySet(), each -> each, "DescribeAccountLimits", in.marker(), Balancers.size(in.pageSize()));
        List<Limit> limits = page.items().stream()
                .map(each -> new Limit().name(each).max(ALL.get(each)))
                .toList();
        return new DescribeAccountLimitsOutput().limits(limits).nextMarker(page.next());
    }
}
