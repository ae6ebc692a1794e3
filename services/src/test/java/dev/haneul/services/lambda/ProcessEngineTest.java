package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.services.lambda.TestRegion.EngineChoice;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The same functions where there is no sandbox. */
class ProcessEngineTest {
    @Test
    void functionsRunAsPlainProcesses() throws IOException {
        try (TempFolder folder = new TempFolder();
                TestRegion region = new TestRegion(Parts.of(folder.path()).with(EngineChoice.PROCESS))) {
            assertThat(region.engineName()).isEqualTo("process");
            region.python(
                    "py",
                    "import os\ndef handler(e, c):\n    print('x')\n    return os.path.exists(os.environ['LAMBDA_TASK_ROOT'] + '/app.py')\n");
            assertThat(text(region.invoke("py", "{}"))).isEqualTo("true");
            assertThat(region.log("py")).contains("x\n");
            region.node("js", "exports.handler = async (e) => e;");
            assertThat(text(region.invoke("js", "{\"a\":1}"))).isEqualTo("{\"a\":1}");
            assertThat(text(region.invoke("js", "2"))).isEqualTo("2");
        }
    }
}
