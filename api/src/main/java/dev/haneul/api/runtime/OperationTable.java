package dev.haneul.api.runtime;

import java.util.List;

/**
 * The operations of one service, each made when first asked for, so that a service with hundreds of them costs nothing
 * at start-up. The generator writes one per service.
 */
public interface OperationTable {
    /** How many there are. */
    int size();

    /** The operations' names, in the order of their indexes. */
    List<String> names();

    /** Makes the operation with this index. Whoever asks keeps it. */
    OperationShape make(ServiceShape service, int index);
}
