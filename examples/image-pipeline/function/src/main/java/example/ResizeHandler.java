package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.coobird.thumbnailator.Thumbnails;
import net.coobird.thumbnailator.geometry.Positions;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Crops every picture of an S3 event to 480 × 360 around its centre and stores it, as JPEG and under the same key, in
 * the bucket named by {@code CROPS_BUCKET}.
 *
 * <p>See AWS's "Using an Amazon S3 trigger to create thumbnail images".
 */
public final class ResizeHandler implements RequestHandler<Map<String, Object>, String> {
    private static final int WIDTH = 480;
    private static final int HEIGHT = 360;

    private final S3Client s3 =
            S3Client.builder().httpClientBuilder(UrlConnectionHttpClient.builder()).build();
    private final String target = System.getenv("CROPS_BUCKET");

    @Override
    @SuppressWarnings("unchecked")
    public String handleRequest(Map<String, Object> event, Context context) {
        List<Map<String, Object>> records = (List<Map<String, Object>>) event.get("Records");
        for (Map<String, Object> record : records) {
            Map<String, Object> detail = (Map<String, Object>) record.get("s3");
            String bucket = (String) ((Map<String, Object>) detail.get("bucket")).get("name");
            String encoded = (String) ((Map<String, Object>) detail.get("object")).get("key");
            crop(bucket, URLDecoder.decode(encoded, StandardCharsets.UTF_8), context);
        }
        return records.size() + " done";
    }

    private void crop(String bucket, String key, Context context) {
        long started = System.nanoTime();
        ByteArrayOutputStream crop = new ByteArrayOutputStream();
        try (InputStream picture = s3.getObject(request -> request.bucket(bucket).key(key))) {
            Thumbnails.of(picture)
                    .crop(Positions.CENTER)
                    .size(WIDTH, HEIGHT)
                    .outputFormat("jpg")
                    .outputQuality(0.85)
                    .toOutputStream(crop);
        } catch (IOException e) {
            throw new IllegalArgumentException(key + " is not a picture that can be read: " + e.getMessage(), e);
        }
        s3.putObject(
                request -> request.bucket(target).key(key).contentType("image/jpeg"),
                RequestBody.fromBytes(crop.toByteArray()));
        long millis = (System.nanoTime() - started) / 1_000_000;
        context.getLogger().log("CROPPED " + key + " to " + crop.size() + " bytes in " + millis + " ms\n");
    }
}
