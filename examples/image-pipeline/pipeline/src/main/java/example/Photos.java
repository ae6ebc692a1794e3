package example;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** The pictures to upload: the user's own, or landscapes painted for the purpose. */
final class Photos {
    private static final int PAINTED = 20;
    private static final int WIDTH = 4000;
    private static final int HEIGHT = 3000;

    private Photos() {}

    /** The JPEG and PNG files of a folder, by name. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.getFileName()
                            .toString()
                            .toLowerCase(Locale.ROOT)
                            .matches(".*\\.(jpe?g|png)"))
                    .sorted()
                    .toList();
        }
    }

    /** Twenty 12-megapixel JPEGs, painted once and kept for the next run. */
    static List<Path> painted() throws IOException {
        Path folder = Files.createDirectories(Pipeline.workFolder().resolve("photos"));
        List<Path> photos = new ArrayList<>();
        for (int number = 1; number <= PAINTED; number++) {
            Path photo = folder.resolve("photo-%02d.jpg".formatted(number));
            if (!Files.exists(photo)) {
                System.out.print("\rPainting photo " + number + " of " + PAINTED + " …");
                Path draft = folder.resolve(photo.getFileName() + ".draft");
                ImageIO.write(paint(number), "jpg", draft.toFile());
                Files.move(draft, photo);
                if (number == PAINTED) {
                    System.out.println();
                }
            }
            photos.add(photo);
        }
        return photos;
    }

    /** Hills under a sky, different for each seed. */
    private static BufferedImage paint(int seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        float hue = random.nextFloat();
        pen.setPaint(new GradientPaint(
                0, 0, Color.getHSBColor(hue, 0.6f, 0.5f), 0, HEIGHT, Color.getHSBColor(hue + 0.12f, 0.25f, 1f)));
        pen.fillRect(0, 0, WIDTH, HEIGHT);
        double sun = 200 + random.nextInt(400);
        pen.setColor(Color.getHSBColor(hue + 0.15f, 0.15f, 1f));
        pen.fill(new Ellipse2D.Double(random.nextInt(WIDTH - 600), random.nextInt(HEIGHT / 3), sun, sun));
        for (int layer = 0; layer < 6; layer++) {
            Path2D hills = new Path2D.Double();
            double phase = random.nextDouble() * 6;
            hills.moveTo(0, HEIGHT);
            for (int x = 0; x <= WIDTH; x += 20) {
                double y = HEIGHT * (0.42 + layer * 0.1)
                        + Math.sin(x / (300.0 + layer * 90) + phase) * 160
                        + Math.sin(x / 97.0 + phase * 2) * 40;
                hills.lineTo(x, y);
            }
            hills.lineTo(WIDTH, HEIGHT);
            hills.closePath();
            pen.setColor(Color.getHSBColor(hue + 0.5f + layer * 0.03f, 0.5f, 0.75f - layer * 0.1f));
            pen.fill(hills);
        }
        pen.setStroke(new BasicStroke(3));
        for (int blade = 0; blade < 4000; blade++) {
            int x = random.nextInt(WIDTH);
            int y = HEIGHT - random.nextInt(HEIGHT / 8);
            pen.setColor(Color.getHSBColor(hue + 0.55f + random.nextFloat() * 0.08f, 0.6f, random.nextFloat()));
            pen.drawLine(x, y, x + random.nextInt(21) - 10, y - 30 - random.nextInt(60));
        }
        pen.dispose();
        return image;
    }
}
