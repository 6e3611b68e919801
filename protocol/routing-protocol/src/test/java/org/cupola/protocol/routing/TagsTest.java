package org.cupola.protocol.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TagsTest {
    private static Map<String, String> tags(String json) throws Exception {
        return RegistryMessage.parse(("{\"tags\":" + json + "}").getBytes(UTF_8))
                .tags();
    }

    @Test
    void areAMapLikeAnyOther() throws Exception {
        Map<String, String> tags = tags("{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\",\"c\":null}");

        assertThat(tags)
                .isInstanceOf(Tags.class)
                .isEqualTo(Map.of("a", "3", "b", "2", "c", ""))
                .isEqualTo(tags("{\"c\":\"\",\"b\":\"2\",\"a\":\"3\"}"))
                .hasSameHashCodeAs(Map.of("a", "3", "b", "2", "c", ""))
                .isNotEqualTo(tags("{\"a\":\"3\",\"b\":\"2\",\"c\":\"x\"}"))
                .doesNotContainKey("d");
        assertThat(Map.of("a", "3", "b", "2", "c", "")).isEqualTo(tags);
        assertThat(tags.get("b")).isEqualTo("2");
        assertThatThrownBy(() -> tags.put("d", "")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void mayBeMany() throws Exception {
        Map<String, String> expected = new TreeMap<>();
        var json = new StringBuilder("{\"k0\":\"first\"");
        for (int i = 0; i < 5000; i++) {
            json.append(",\"k").append(i).append("\":\"").append(i).append('"');
            expected.put("k" + i, "" + i);
        }

        assertThat(tags(json.append('}').toString())).isEqualTo(expected);
    }

    @Test
    void shareTheirTextsWithThoseOfEarlierMessages() throws Exception {
        byte[] first = "{\"app\":\"x1\",\"tags\":{\"app_id\":\"x1\",\"name\":\"gr\u00fc\u00df\",\"esc\":\"a\\u0062\"}}"
                .getBytes(UTF_8);
        byte[] second = "{\"app\":\"x1\",\"tags\":{\"app_id\":\"x1\",\"name\":\"\",\"esc\":\"x1\"}}".getBytes(UTF_8);
        var texts = new SharedTexts();

        RegistryMessage one = RegistryMessage.parse(first, texts);
        RegistryMessage two = RegistryMessage.parse(second, texts);

        assertThat(one).isEqualTo(RegistryMessage.parse(first));
        assertThat(two).isEqualTo(RegistryMessage.parse(second));
        assertThat(one.app()).isSameAs(two.app()).isSameAs(one.tags().get("app_id"));
        assertThat(one.tags()).containsEntry("name", "gr\u00fc\u00df").containsEntry("esc", "ab");
    }

    @Test
    void areRightAlsoWhenManyTextsPass() throws Exception {
        var texts = new SharedTexts();
        for (int i = 0; i < 50_000; i++) {
            byte[] json =
                    ("{\"app\":\"app-" + i + "\",\"tags\":{\"k" + i % 100 + "\":\"v" + i % 7 + "\"}}").getBytes(UTF_8);
            RegistryMessage message = RegistryMessage.parse(json, texts);
            assertThat(message.app()).isEqualTo("app-" + i);
            assertThat(message.tags()).isEqualTo(Map.of("k" + i % 100, "v" + i % 7));
        }
    }
}
