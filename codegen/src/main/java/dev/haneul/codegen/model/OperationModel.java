package dev.haneul.codegen.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation.
 *
 * @param checksumMember the input member that names the checksum algorithm, null for none
 * @param traits in the runtime's spelling, e.g. {@code CHECKSUM_REQUIRED}
 */
public record OperationModel(
        String name,
        String method,
        String uri,
        int status,
        @Nullable String hostPrefix,
        String input,
        String output,
        List<String> errors,
        @Nullable String resultWrapper,
        @Nullable String checksumMember,
        List<String> traits) {
    public OperationModel {
        errors = List.copyOf(errors);
        traits = List.copyOf(traits);
    }
}
