package dev.haneul.codegen.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One service: its facts, its operations and its shapes, both sorted by name.
 *
 * @param origin where the file was imported from, e.g. {@code botocore 1.43.11 s3/2006-03-01/service-2.json}
 */
public record ServiceModel(Facts facts, String origin, List<OperationModel> operations, List<ShapeModel> shapes) {
    public ServiceModel {
        operations = List.copyOf(operations);
        shapes = List.copyOf(shapes);
    }

    /**
     * A service's identity.
     *
     * @param id folder and package name, e.g. {@code elbv2}
     * @param prefix what its generated class names start with, e.g. {@code ElbV2}
     * @param protocols in Smithy's spelling ({@code restXml}, {@code awsJson1_1}, …), the preferred one first
     */
    public record Facts(
            String id,
            String prefix,
            String sdkId,
            String endpointPrefix,
            String signingName,
            String apiVersion,
            List<String> protocols,
            @Nullable String targetPrefix,
            @Nullable String xmlNamespace,
            boolean queryCompatible,
            boolean global) {
        public Facts {
            protocols = List.copyOf(protocols);
        }
    }
}
