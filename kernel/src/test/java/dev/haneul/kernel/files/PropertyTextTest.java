package dev.haneul.kernel.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PropertyTextTest {
    @Property(tries = 300, seed = "2026")
    void isReadAsItWasWritten(@ForAll Map<String, String> values) throws IOException {
        assertThat(read(PropertyText.of(values))).isEqualTo(values);
    }

    @Test
    void keepsWhatPropertiesGiveAMeaning() throws IOException {
        Map<String, String> values =
                Map.of("", "no name", "#no comment", "  led by spaces", "!a = b:c", "\\u0041\n#x=1\r\n", "한\t글", "\\");
        assertThat(read(PropertyText.of(values))).isEqualTo(values);
    }

    private static Map<String, String> read(String text) throws IOException {
        Properties read = new Properties();
        read.load(new StringReader(text));
        Map<String, String> values = new HashMap<>();
        read.stringPropertyNames().forEach(name -> values.put(name, read.getProperty(name)));
        return values;
    }
}
