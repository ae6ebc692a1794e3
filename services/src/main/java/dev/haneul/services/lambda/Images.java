package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.ImageConfig;
import dev.haneul.api.lambda.ImageConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.services.lambda.LambdaTables.Image;
import dev.haneul.services.lambda.code.BadPackageException;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.services.lambda.image.BadImageException;
import dev.haneul.services.lambda.image.ImageSource;
import dev.haneul.services.lambda.image.LayerUnpacker;
import dev.haneul.services.lambda.image.OciImage;
import dev.haneul.services.lambda.run.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Functions of container images. An image is unpacked when it is deployed and kept as long as a function has it; its tag
 * is not looked at again.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html">Create a Lambda function using a container
 *     image</a>
 */
final class Images {
    static final String PACKAGE_TYPE = "Image";

    private final EcrImages registries;
    private final ImageSource source;
    private final CodeStore code;

    Images(EcrImages registries, ImageSource source, CodeStore code) {
        this.registries = registries;
        this.source = source;
        this.code = code;
    }

    static boolean is(@Nullable String packageType) {
        return PACKAGE_TYPE.equals(packageType);
    }

    static void check(CreateFunctionRequest in) {
        if (in.runtime() != null || in.handler() != null || !in.layers().isEmpty()) {
            throw Problems.invalid("Please don't provide Runtime or Handler or Layer when the intended function"
                    + " PackageType is Image.");
        }
        if (in.code().imageUri() == null) {
            throw Problems.invalid("Please provide ImageUri when the intended function PackageType is Image.");
        }
        if (in.codeSigningConfigArn() != null && !in.codeSigningConfigArn().isEmpty()) {
            throw Problems.invalid("Code signing is not supported for functions created with container images.");
        }
        if (in.snapStart() != null && !"None".equals(Functions.or(in.snapStart().applyOn(), "None"))) {
            throw Problems.invalid("SnapStart is not supported for functions created with container images.");
        }
    }

    /** The image a URI stands for, in a registry or a layout; refused in AWS's words where there is none. */
    OciImage find(String uri, FunctionRef ref, Call caller) {
        try {
            Optional<OciImage> pushed = registries.find(uri, ref, caller);
            return (pushed.isPresent() ? pushed : source.find(uri))
                    .orElseThrow(() ->
                            Problems.invalid("Source image " + uri + " does not exist. Provide a valid source image."));
        } catch (BadImageException e) {
            throw Problems.invalid("The image manifest, config or layer media type for the source image " + uri
                    + " is not supported. " + e.getMessage());
        } catch (IOException e) {
            throw Problems.service("The image could not be read: " + e.getMessage());
        }
    }

    /** Unpacks it, unless it is already. The caller closes what it gets. */
    CodeStore.Staged stage(OciImage image, String uri) {
        try {
            return code.stageTree(
                    id(image.hex()),
                    HexFormat.of().parseHex(image.hex()),
                    image.manifest(),
                    folder -> fill(image, folder));
        } catch (BadPackageException e) {
            throw Problems.invalid("The source image " + uri + " is not valid. " + e.getMessage());
        } catch (IOException e) {
            throw Problems.service("The image could not be unpacked: " + e.getMessage());
        }
    }

    private static void fill(OciImage image, Path folder) throws IOException, BadPackageException {
        try {
            LayerUnpacker.unpack(image, folder);
        } catch (BadImageException e) {
            throw new BadPackageException(String.valueOf(e.getMessage()));
        }
    }

    static String id(String hex) {
        return "image-" + hex;
    }

    /** What is kept of it with its function. */
    static Image kept(String uri, OciImage image) {
        int tag = uri.indexOf('@') >= 0 ? uri.indexOf('@') : uri.indexOf(':', uri.indexOf('/') + 1);
        String repository = tag < 0 ? uri : uri.substring(0, tag);
        return new Image(
                uri,
                repository + "@" + image.digest(),
                image.entryPoint(),
                image.command(),
                image.workingDirectory(),
                image.environment());
    }

    static @Nullable ImageConfigResponse shown(@Nullable ImageConfig config) {
        boolean empty = config == null
                || config.command().isEmpty() && config.entryPoint().isEmpty() && config.workingDirectory() == null;
        return empty ? null : new ImageConfigResponse().imageConfig(config);
    }

    /** What is started of it: its own words, but for those the function's configuration has. */
    static @Nullable Program program(@Nullable Image image, FunctionConfiguration at) {
        if (image == null) {
            return null;
        }
        ImageConfigResponse response = at.imageConfigResponse();
        ImageConfig over = response == null ? null : response.imageConfig();
        List<String> entryPoint = over == null || over.entryPoint().isEmpty() ? image.entryPoint() : over.entryPoint();
        List<String> command = over == null || over.command().isEmpty() ? image.command() : over.command();
        String directory =
                over == null || over.workingDirectory() == null ? image.workingDirectory() : over.workingDirectory();
        return new Program(entryPoint, command, directory, image.environment());
    }
}
