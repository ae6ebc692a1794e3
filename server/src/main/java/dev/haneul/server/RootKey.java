package dev.haneul.server;

import dev.haneul.kernel.call.RootKeys;
import dev.haneul.kernel.files.PrivateFile;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;

/**
 * The region's first root key: {@code test}/{@code test} where only this machine can reach the region, else one that is
 * made once and kept in the data folder.
 */
record RootKey(String accessKeyId, String secretKey, RootKeys keys) {
    private static final String FILE = "root-key.properties";
    private static final String ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_LENGTH = 16;
    private static final int SECRET_BYTES = 30;

    static RootKey of(boolean loopback, Path data) throws IOException {
        if (loopback) {
            return new RootKey("test", "test", RootKeys.loopback());
        }
        Path file = data.resolve(FILE);
        if (!Files.exists(file)) {
            make(file);
        }
        Properties fields = new Properties();
        try (Reader in = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
            fields.load(in);
        }
        String id = fields.getProperty("accessKeyId", "");
        String secret = fields.getProperty("secretKey", "");
        if (id.isEmpty() || secret.isEmpty()) {
            throw new IOException(file + " is damaged: it should hold accessKeyId and secretKey");
        }
        return new RootKey(id, secret, RootKeys.generated(id, secret, RootKeys.DEFAULT_ACCOUNT));
    }

    private static void make(Path file) throws IOException {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder("AKIA");
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String text = "accessKeyId=" + id + "\nsecretKey=" + Base64.getEncoder().encodeToString(secret) + "\n";
        PrivateFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
