package dev.haneul.trials.s3;

import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Terraform;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Terraform makes a bucket with everything a bucket can have, finds nothing to change, and takes it away again. */
@ExtendWith(SharedRegion.class)
class TerraformTest {
    @TempDir
    Path folder;

    @Test
    void bucketWithEverySubResource(URI endpoint) throws Exception {
        List<String> files = new ArrayList<>(List.of("bucket.tf"));
        if (System.getProperty("haneul.soak") != null) {
            // The provider watches a lifecycle for a minute before it believes in it.
            files.add("lifecycle.tf");
        }
        new Terraform(folder, getClass(), files, "endpoint = \"" + endpoint + "\"\n").makeFindAndTakeAway();
    }
}
