package dev.haneul.api.runtime;

/**
 * Where a service's shapes and operations come from. Asked when the first of them is, so that the classes of a service
 * that nobody calls are never loaded. Answers the same tables each time.
 */
public interface ServiceTables {
    ShapeTable shapes();

    OperationTable operations();
}
