package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CodeStorageExceededException;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Api;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.lambda.LambdaTables.Code;
import dev.haneul.services.lambda.code.BadPackageException;
import dev.haneul.services.lambda.code.CodeStore;
import dev.haneul.storage.BlobRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Fetches a deployment package, from the request or from S3 with the caller's own permissions, and stages it. */
final class CodeSource {
    private static final int LARGEST_UPLOAD_BYTES = 50 * 1024 * 1024;
    /** Larger zips cannot unzip to less than 250 MiB in any honest way. */
    private static final long LARGEST_OBJECT_BYTES = 256L * 1024 * 1024;

    private static final long LARGEST_UNZIPPED_BYTES = 262_144_000;

    private final CodeStore code;
    private final S3Api s3;

    CodeSource(CodeStore code, S3Api s3) {
        this.code = code;
        this.s3 = s3;
    }

    /** Stages the package this request names. The caller closes it. */
    CodeStore.Staged stage(FunctionCode source, Call call) {
        Functions.refuseUnbuilt(source, java.util.Set.of("ImageUri", "SourceKMSKeyArn"));
        byte[] zip = source.zipFile();
        boolean fromS3 = source.s3Bucket() != null || source.s3Key() != null;
        if (zip != null && fromS3) {
            throw Problems.invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.");
        }
        try {
            if (zip != null) {
                if (zip.length > LARGEST_UPLOAD_BYTES) {
                    throw Problems.tooLarge(
                            "Request must be smaller than 69905067 bytes for the CreateFunction operation");
                }
                return code.stage(new ByteArrayInputStream(zip));
            }
            if (source.s3Bucket() == null || source.s3Key() == null) {
                throw Problems.invalid("Please provide a source for function code.");
            }
            return stageObject(source, call);
        } catch (BadPackageException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        } catch (dev.haneul.storage.DiskFullException e) {
            throw Fault.of(new CodeStorageExceededException().type("User"), "The region's disk is full.");
        } catch (IOException e) {
            throw Problems.service("The package could not be stored: " + e.getMessage());
        }
    }

    /** Takes a reference to a package, with the record that names it. */
    void keep(WriteTx tx, FunctionRef owner, Code of) {
        keep(tx, owner.account(), of);
    }

    /** The same, for a layer of this account. */
    void keep(WriteTx tx, String account, Code of) {
        code.blobs().keep(tx, account, of.blob());
        of.layers().forEach(layer -> code.blobs().keep(tx, account, layer.blob()));
    }

    /** Gives one back. */
    void release(WriteTx tx, FunctionRef owner, Code of) {
        release(tx, owner.account(), of);
    }

    /** The same, for a layer of this account. */
    void release(WriteTx tx, String account, Code of) {
        code.blobs().release(tx, account, of.blob());
        of.layers().forEach(layer -> code.blobs().release(tx, account, layer.blob()));
    }

    /** Refuses a package that is too large together with its layers. */
    void requireFits(Code of) {
        if (of.layers().isEmpty()) {
            return;
        }
        try {
            long bytes = code.size(of.id(), of.blob());
            for (Code layer : of.layers()) {
                bytes += code.size(layer.id(), layer.blob());
            }
            if (bytes > LARGEST_UNZIPPED_BYTES) {
                throw Problems.invalid("Function code combined with layers exceeds the maximum allowed size of "
                        + LARGEST_UNZIPPED_BYTES + " bytes. The actual size is " + bytes + " bytes.");
            }
        } catch (IOException e) {
            throw Problems.service("The layers could not be unpacked: " + e.getMessage());
        }
    }

    /** Clears away what of these folders nobody has any longer. */
    void forget(Store store, Code of) {
        of.folders().forEach(id -> forget(store, id));
    }

    /** Gives back an event's payload, where it has one. */
    void releasePayload(WriteTx tx, FunctionRef owner, @Nullable BlobRef payload) {
        if (payload != null) {
            code.blobs().release(tx, owner.account(), payload);
        }
    }

    /** Clears away the files of a package that no function has any longer. */
    void forget(Store store, String codeId) {
        boolean wanted =
                store.read(tx -> !tx.findAnywhere(LambdaTables.FUNCTIONS, LambdaTables.CODE_INDEX, codeId, null, 1)
                                .isEmpty()
                        || !tx.findAnywhere(LambdaTables.VERSIONS, LambdaTables.CODE_INDEX, codeId, null, 1)
                                .isEmpty()
                        || !tx.findAnywhere(LambdaTables.LAYER_VERSIONS, LambdaTables.CODE_INDEX, codeId, null, 1)
                                .isEmpty());
        if (!wanted) {
            code.discard(codeId);
        }
    }

    private CodeStore.Staged stageObject(FunctionCode source, Call call) throws IOException, BadPackageException {
        GetObjectRequest request = new GetObjectRequest()
                .bucket(source.s3Bucket())
                .key(source.s3Key())
                .versionId(source.s3ObjectVersion());
        Body body;
        try {
            body = s3.getObject(request, call).body();
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Problems.invalid("Error occurred while GetObject. S3 Error Code: " + fault.code()
                    + ". S3 Error Message: " + fault.message());
        }
        if (body == null) {
            throw Problems.service("S3 gave an object without a body");
        }
        try (body) {
            if (body.length() > LARGEST_OBJECT_BYTES) {
                throw Problems.invalid("Unzipped size must be smaller than 262144000 bytes");
            }
            return code.stage(new Bounded(body.stream(), LARGEST_OBJECT_BYTES));
        }
    }

    /** Ends in an error where a stream of unknown length turns out too long. */
    private static final class Bounded extends java.io.FilterInputStream {
        private long left;

        Bounded(InputStream in, long most) {
            super(in);
            this.left = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            left -= Math.max(0, count);
            if (left < 0) {
                throw new IOException("larger than " + LARGEST_OBJECT_BYTES + " bytes");
            }
            return count;
        }
    }
}
