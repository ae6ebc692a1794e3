package dev.haneul.services.ec2.types;

import dev.haneul.api.ec2.Filter;
import dev.haneul.api.ec2.InstanceTypeInfo;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The filters of DescribeInstanceTypes, which are named after places in its answer. */
final class InstanceTypeQueries {
    private InstanceTypeQueries() {}

    /** Types that match every filter. */
    static Predicate<InstanceTypeInfo> matching(List<Filter> filters) {
        Filters<InstanceTypeInfo> known = Filters.plain();
        for (Filter filter : filters) {
            String name = String.valueOf(filter.name());
            if (!MemberPaths.known(InstanceTypeInfo.SHAPE, name)) {
                throw Ec2Faults.invalid("The filter '" + name + "' is invalid");
            }
            known.many(name, type -> MemberPaths.values(type, name));
        }
        var wanted = known.parse(filters);
        return type -> wanted.test(type, Map.of());
    }
}
