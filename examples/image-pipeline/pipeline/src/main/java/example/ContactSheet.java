package example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.coobird.thumbnailator.Thumbnails;
import software.amazon.awssdk.services.s3.S3Client;

/** A page that shows every original beside its crop. */
final class ContactSheet {
    private static final String HEAD =
            """
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Image pipeline</title>
            <style>
              body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; background: #f4f6f8; color: #1c2733 }
              main { display: grid; grid-template-columns: repeat(auto-fill, minmax(32rem, 1fr)); gap: 1rem }
              figure { margin: 0; padding: .8rem; background: #fff; border-radius: .5rem; box-shadow: 0 1px 3px #0002 }
              figure div { display: flex; gap: .6rem; align-items: flex-start }
              img { height: 11rem; border-radius: .25rem }
              figcaption { margin-top: .5rem } small { color: #667 } .failed { color: #b00020 }
            </style>
            <h1>Image pipeline</h1><p>Left the original, right what the function stored in S3.</p><main>
            """;

    private ContactSheet() {}

    /** Writes the page, its pictures beside it, and answers where it is. */
    static Path write(S3Client s3, String crops, List<Run.Picture> pictures) throws IOException {
        Path folder = Files.createDirectories(Pipeline.workFolder().resolve("contact-sheet"));
        StringBuilder page = new StringBuilder(HEAD);
        for (int i = 0; i < pictures.size(); i++) {
            page.append(figure(s3, crops, pictures.get(i), folder, "%03d".formatted(i + 1)));
        }
        page.append("</main></html>\n");
        return Files.writeString(folder.resolve("index.html"), page);
    }

    private static String figure(S3Client s3, String crops, Run.Picture picture, Path folder, String number)
            throws IOException {
        String name = escape(picture.file.getFileName().toString());
        if (!picture.cropped()) {
            return "<figure><figcaption class=failed>" + name + ": no crop</figcaption></figure>\n";
        }
        Path original = folder.resolve(number + "-original.jpg");
        Thumbnails.of(picture.file.toFile()).height(360).outputFormat("jpg").toFile(original.toFile());
        Path crop = folder.resolve(number + "-crop.jpg");
        Files.write(
                crop,
                s3.getObjectAsBytes(request -> request.bucket(crops).key(picture.key)).asByteArray());
        return """
                <figure><div><img src="%s" alt="original"><img src="%s" alt="crop"></div>
                <figcaption>%s <small>%s</small></figcaption></figure>
                """
                .formatted(original.getFileName(), crop.getFileName(), name, escape(picture.timing));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
