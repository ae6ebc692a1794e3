package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeleteLayerVersionRequest;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.lambda.GetLayerVersionResponse;
import dev.haneul.api.lambda.LayerVersionContentInput;
import dev.haneul.api.lambda.LayerVersionContentOutput;
import dev.haneul.api.lambda.LayerVersionsListItem;
import dev.haneul.api.lambda.LayersListItem;
import dev.haneul.api.lambda.ListLayerVersionsRequest;
import dev.haneul.api.lambda.ListLayerVersionsResponse;
import dev.haneul.api.lambda.ListLayersRequest;
import dev.haneul.api.lambda.ListLayersResponse;
import dev.haneul.api.lambda.PublishLayerVersionRequest;
import dev.haneul.api.lambda.PublishLayerVersionResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.LambdaTables.Layer;
import dev.haneul.services.lambda.LambdaTables.LayerVersion;
import dev.haneul.services.lambda.LayerRef.VersionRef;
import dev.haneul.services.lambda.code.CodeStore;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Layers: archives under a name, in versions that never change. A function keeps what it refers to, also when the
 * version is deleted. See "Managing Lambda dependencies with layers".
 */
final class Layers {
    private static final int PAGE = 50;
    private static final int SCAN = 1000;

    private final Store store;
    private final Clock clock;
    private final CodeSource source;
    private final CodeDownloads downloads;

    Layers(Store store, Clock clock, CodeSource source, CodeDownloads downloads) {
        this.store = store;
        this.clock = clock;
        this.source = source;
        this.downloads = downloads;
    }

    PublishLayerVersionResponse publish(PublishLayerVersionRequest in, Call call) {
        LayerRef ref = LayerRef.of(in.layerName(), call);
        if (!ref.account().equals(call.account()) || !ref.region().equals(call.region())) {
            throw Problems.invalid("A layer can be published only in the caller's own account and region.");
        }
        ConfigurationRules.architectures(in.compatibleArchitectures());
        LayerVersionContentInput content = in.content();
        FunctionCode named = new FunctionCode()
                .zipFile(content.zipFile())
                .s3Bucket(content.s3Bucket())
                .s3Key(content.s3Key())
                .s3ObjectVersion(content.s3ObjectVersion());
        VersionRef version;
        LayerVersion made;
        try (CodeStore.Staged staged = source.stage(named, call)) {
            Code code = new Code(staged.id(), staged.blob(), null);
            made = new LayerVersion(
                    Functions.or(in.description(), ""),
                    in.compatibleRuntimes(),
                    in.compatibleArchitectures(),
                    Functions.or(in.licenseInfo(), ""),
                    code,
                    Base64.getEncoder().encodeToString(staged.sha256()),
                    staged.bytes(),
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    "",
                    List.of());
            version = store.transact(tx -> {
                long number = tx.get(LambdaTables.LAYERS, ref.key())
                                .map(row -> row.value().lastVersion())
                                .orElse(0L)
                        + 1;
                source.keep(tx, ref.account(), code);
                tx.put(LambdaTables.LAYERS, ref.key(), new Layer(number));
                tx.put(LambdaTables.LAYER_VERSIONS, ref.version(number).key(), made);
                return ref.version(number);
            });
        } catch (IOException e) {
            throw Problems.service("The layer could not be stored: " + e.getMessage());
        }
        GetLayerVersionResponse shown = answer(version, made, call);
        return new PublishLayerVersionResponse()
                .content(shown.content())
                .layerArn(shown.layerArn())
                .layerVersionArn(shown.layerVersionArn())
                .description(shown.description())
                .createdDate(shown.createdDate())
                .version(shown.version())
                .compatibleRuntimes(in.hasCompatibleRuntimes() ? in.compatibleRuntimes() : null)
                .licenseInfo(shown.licenseInfo())
                .compatibleArchitectures(in.hasCompatibleArchitectures() ? in.compatibleArchitectures() : null);
    }

    GetLayerVersionResponse get(String layerName, long number, Call call) {
        return get(LayerRef.of(layerName, call).version(number), call);
    }

    GetLayerVersionResponse getByArn(String arn, Call call) {
        return get(
                LayerRef.ofVersion(arn)
                        .orElseThrow(() -> Problems.invalid("The layer version ARN " + arn + " is malformed.")),
                call);
    }

    private GetLayerVersionResponse get(VersionRef version, Call call) {
        LayerVersion found = store.read(tx -> find(tx, version)).orElseThrow(() -> missing(version));
        return answer(version, found, call);
    }

    /** Answers quietly where there is none, as AWS does. */
    void delete(DeleteLayerVersionRequest in, Call call) {
        VersionRef version = LayerRef.of(in.layerName(), call).version(in.versionNumber());
        Optional<Code> gone = store.transact(tx -> {
            Optional<Code> code = find(tx, version).map(LayerVersion::code);
            code.ifPresent(of -> {
                source.release(tx, version.layer().account(), of);
                tx.delete(LambdaTables.LAYER_VERSIONS, version.key());
            });
            return code;
        });
        gone.ifPresent(code -> source.forget(store, code.id()));
    }

    ListLayerVersionsResponse versions(ListLayerVersionsRequest in, Call call) {
        LayerRef ref = LayerRef.of(in.layerName(), call);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        long before = in.marker() == null ? Long.MAX_VALUE : number(in.marker());
        List<LayerVersionsListItem> page = new ArrayList<>();
        ListLayerVersionsResponse out = new ListLayerVersionsResponse();
        for (VersionRow one : newestFirst(ref)) {
            if (one.number >= before || !suits(one.version, in.compatibleRuntime(), in.compatibleArchitecture())) {
                continue;
            }
            if (page.size() == limit) {
                out.nextMarker(String.valueOf(page.getLast().version()));
                break;
            }
            page.add(item(ref.version(one.number), one.version));
        }
        return out.layerVersions(page);
    }

    ListLayersResponse list(ListLayersRequest in, Call call) {
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        Scope scope = new Scope(call.account(), call.region());
        List<LayersListItem> page = new ArrayList<>();
        ListLayersResponse out = new ListLayersResponse();
        String from = in.marker() == null ? "" : in.marker() + "\0";
        while (true) {
            String start = from;
            List<Row<Layer>> rows = store.read(tx -> tx.range(LambdaTables.LAYERS, scope, start, null, SCAN));
            for (Row<Layer> row : rows) {
                LayerRef ref =
                        new LayerRef(scope.account(), scope.region(), row.key().id());
                Optional<VersionRow> newest = newestFirst(ref).stream()
                        .filter(one -> suits(one.version, in.compatibleRuntime(), in.compatibleArchitecture()))
                        .findFirst();
                if (newest.isEmpty()) {
                    continue;
                }
                if (page.size() == limit) {
                    return out.layers(page).nextMarker(page.getLast().layerName());
                }
                page.add(new LayersListItem()
                        .layerName(ref.name())
                        .layerArn(ref.arn())
                        .latestMatchingVersion(item(ref.version(newest.get().number), newest.get().version)));
            }
            if (rows.size() < SCAN) {
                return out.layers(page);
            }
            from = rows.getLast().key().id() + "\0";
        }
    }

    private record VersionRow(long number, LayerVersion version) {}

    private List<VersionRow> newestFirst(LayerRef ref) {
        List<VersionRow> found = new ArrayList<>();
        Scope scope = new Scope(ref.account(), ref.region());
        String from = ref.name() + ":";
        while (true) {
            String start = from;
            List<Row<LayerVersion>> rows =
                    store.read(tx -> tx.range(LambdaTables.LAYER_VERSIONS, scope, start, ref.name() + ";", SCAN));
            for (Row<LayerVersion> row : rows) {
                String id = row.key().id();
                found.addFirst(new VersionRow(Long.parseLong(id.substring(id.lastIndexOf(':') + 1)), row.value()));
            }
            if (rows.size() < SCAN) {
                return found;
            }
            from = rows.getLast().key().id() + "\0";
        }
    }

    static Optional<LayerVersion> find(ReadTx tx, VersionRef version) {
        return tx.get(LambdaTables.LAYER_VERSIONS, version.key()).map(Row::value);
    }

    static dev.haneul.api.runtime.Fault missing(VersionRef version) {
        return Problems.notFound("The resource you requested does not exist.");
    }

    private static boolean suits(LayerVersion version, @Nullable String runtime, @Nullable String architecture) {
        return (runtime == null || version.runtimes().contains(runtime))
                && (architecture == null || version.architectures().contains(architecture));
    }

    private static long number(String marker) {
        if (!marker.matches("[0-9]{1,12}")) {
            throw Problems.invalid("The pagination marker is not valid.");
        }
        return Long.parseLong(marker);
    }

    private static LayerVersionsListItem item(VersionRef ref, LayerVersion version) {
        return new LayerVersionsListItem()
                .layerVersionArn(ref.arn())
                .version(ref.version())
                .description(version.description())
                .createdDate(created(version))
                .compatibleRuntimes(version.runtimes().isEmpty() ? null : version.runtimes())
                .licenseInfo(version.license().isEmpty() ? null : version.license())
                .compatibleArchitectures(version.architectures().isEmpty() ? null : version.architectures());
    }

    private GetLayerVersionResponse answer(VersionRef ref, LayerVersion version, Call call) {
        return new GetLayerVersionResponse()
                .content(new LayerVersionContentOutput()
                        .location(downloads.location(call.origin().endpoint(), version.code()))
                        .codeSha256(version.sha256())
                        .codeSize(version.bytes()))
                .layerArn(ref.layer().arn())
                .layerVersionArn(ref.arn())
                .description(version.description())
                .createdDate(created(version))
                .version(ref.version())
                .compatibleRuntimes(version.runtimes().isEmpty() ? null : version.runtimes())
                .licenseInfo(version.license().isEmpty() ? null : version.license())
                .compatibleArchitectures(version.architectures().isEmpty() ? null : version.architectures());
    }

    private static String created(LayerVersion version) {
        return Functions.lastModified(version.createdAt());
    }
}
