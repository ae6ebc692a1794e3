package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.AdvancedEventSelector;
import dev.haneul.api.cloudtrail.AdvancedFieldSelector;
import dev.haneul.api.cloudtrail.DataResource;
import dev.haneul.api.cloudtrail.EventSelector;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import dev.haneul.services.cloudtrail.record.EventFacts;
import dev.haneul.services.cloudtrail.record.Named;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

/** Which events a trail wants, and which selectors a trail may have. Pure. */
final class Selection {
    private static final int MOST_SELECTORS = 5;
    private static final int MOST_VALUES = 250;
    private static final Set<String> BASIC_TYPES =
            Set.of("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table");
    private static final Set<String> EXCLUDABLE = Set.of("kms.amazonaws.com", "rdsdata.amazonaws.com");
    private static final Set<String> FIELDS = Set.of(
            "readOnly",
            "eventSource",
            "eventName",
            "eventCategory",
            "resources.type",
            "resources.ARN",
            "userIdentity.arn",
            "eventType",
            "errorCode",
            "vpcEndpointId",
            "sessionCredentialFromConsole");

    private Selection() {}

    /** What a trail selects until it is told otherwise: every management event. */
    static EventSelector everything() {
        return new EventSelector()
                .readWriteType("All")
                .includeManagementEvents(true)
                .dataResources(List.of())
                .excludeManagementEventSources(List.of());
    }

    /** Whether the trail wants data events of any kind. */
    static boolean wantsData(TrailRow trail) {
        return trail.selectors().stream().anyMatch(each -> !each.dataResources().isEmpty())
                || trail.advanced().stream()
                        .anyMatch(each -> each.fieldSelectors().stream()
                                .anyMatch(field -> field.field().equals("eventCategory")
                                        && field.equals_().contains("Data")));
    }

    /** Whether the trail delivers this event. */
    static boolean wants(TrailRow trail, EventFacts event) {
        if (!trail.advanced().isEmpty()) {
            return trail.advanced().stream()
                    .anyMatch(each -> each.fieldSelectors().stream().allMatch(field -> matches(field, event)));
        }
        return trail.selectors().stream().anyMatch(each -> matches(each, event));
    }

    private static boolean matches(EventSelector selector, EventFacts event) {
        String type = selector.readWriteType() == null ? "All" : selector.readWriteType();
        if (type.equals("ReadOnly") && !event.readOnly() || type.equals("WriteOnly") && event.readOnly()) {
            return false;
        }
        if (event.management()) {
            return !Boolean.FALSE.equals(selector.includeManagementEvents())
                    && !selector.excludeManagementEventSources().contains(event.eventSource());
        }
        for (DataResource wanted : selector.dataResources()) {
            for (Named resource : event.resources()) {
                if (resource.type().equals(wanted.type()) && covers(wanted, resource.name())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean covers(DataResource wanted, String arn) {
        boolean objects = "AWS::S3::Object".equals(wanted.type());
        return wanted.values().stream().anyMatch(value -> {
            boolean all = value.split(":", -1).length == 3;
            return all || objects ? arn.startsWith(value) : arn.equals(value);
        });
    }

    private static boolean matches(AdvancedFieldSelector field, EventFacts event) {
        List<String> values = values(field.field(), event);
        return (field.equals_().isEmpty() || any(values, field.equals_(), String::equals))
                && (field.startsWith().isEmpty() || any(values, field.startsWith(), String::startsWith))
                && (field.endsWith().isEmpty() || any(values, field.endsWith(), String::endsWith))
                && !any(values, field.notEquals(), String::equals)
                && !any(values, field.notStartsWith(), String::startsWith)
                && !any(values, field.notEndsWith(), String::endsWith);
    }

    private static boolean any(List<String> values, List<String> wanted, BiPredicate<String, String> test) {
        return values.stream().anyMatch(value -> wanted.stream().anyMatch(each -> test.test(value, each)));
    }

    private static List<String> values(String field, EventFacts event) {
        return switch (field) {
            case "readOnly" -> List.of(Boolean.toString(event.readOnly()));
            case "eventSource" -> List.of(event.eventSource());
            case "eventName" -> List.of(event.eventName());
            case "eventCategory" -> List.of(event.management() ? "Management" : "Data");
            case "eventType" -> List.of("AwsApiCall");
            case "userIdentity.arn" -> List.of(event.userArn());
            case "resources.type" ->
                event.resources().stream().map(Named::type).distinct().toList();
            case "resources.ARN" -> event.resources().stream().map(Named::name).toList();
            default -> List.of();
        };
    }

    /** Refuses selectors a trail may not have. */
    static void check(List<EventSelector> basic, List<AdvancedEventSelector> advanced) {
        if (basic.isEmpty() == advanced.isEmpty()) {
            throw TrailFaults.badCombination("You must specify either EventSelectors or AdvancedEventSelectors");
        }
        if (basic.size() > MOST_SELECTORS) {
            throw TrailFaults.badSelectors(
                    "You can configure up to " + MOST_SELECTORS + " event selectors for a trail.");
        }
        long values = 0;
        for (EventSelector each : basic) {
            for (DataResource resource : each.dataResources()) {
                if (!BASIC_TYPES.contains(String.valueOf(resource.type()))) {
                    throw TrailFaults.badSelectors("The resource type " + resource.type() + " is not valid.");
                }
                values += resource.values().size();
                resource.values().forEach(value -> checkValue(value));
            }
            if (!EXCLUDABLE.containsAll(each.excludeManagementEventSources())) {
                throw TrailFaults.badSelectors("The value of ExcludeManagementEventSources is not valid.");
            }
        }
        if (values > MOST_VALUES) {
            throw TrailFaults.badSelectors("A trail can have up to " + MOST_VALUES + " data resources.");
        }
        advanced.forEach(Selection::check);
    }

    private static void checkValue(String value) {
        if (!value.startsWith("arn:")) {
            throw TrailFaults.badSelectors("Value " + value + " for DataResources.Values is invalid.");
        }
    }

    private static void check(AdvancedEventSelector selector) {
        String category = null;
        boolean typed = false;
        for (AdvancedFieldSelector field : selector.fieldSelectors()) {
            if (!FIELDS.contains(field.field())) {
                throw TrailFaults.badSelectors("The field " + field.field() + " is not supported.");
            }
            boolean empty = field.equals_().isEmpty()
                    && field.startsWith().isEmpty()
                    && field.endsWith().isEmpty()
                    && field.notEquals().isEmpty()
                    && field.notStartsWith().isEmpty()
                    && field.notEndsWith().isEmpty();
            if (empty) {
                throw TrailFaults.badSelectors("The field " + field.field() + " needs at least one operator.");
            }
            if (field.field().equals("eventCategory") && field.equals_().size() == 1) {
                category = field.equals_().getFirst();
            }
            typed |= field.field().equals("resources.type") && field.equals_().size() == 1;
        }
        if (category == null || !Set.of("Management", "Data").contains(category)) {
            throw TrailFaults.badSelectors(
                    "An advanced event selector needs the field eventCategory with Equals Management or Data.");
        }
        if (category.equals("Data") && !typed) {
            throw TrailFaults.badSelectors("Data events need the field resources.type with one value for Equals.");
        }
    }
}
