package org.cupola.tcprouter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class DropsondeTest {
    @Test
    void writesAValueMetric() {
        byte[] envelope = Dropsonde.valueMetric("tcp-router", "X", 2.5, "ms", 300);

        assertThat(HexFormat.of().formatHex(envelope))
                .isEqualTo("0a0a" + "7463702d726f75746572" // 1: origin
                        + "1006" // 2: ValueMetric
                        + "30ac02" // 6: timestamp
                        + "4a10" // 9: the metric
                        + "0a0158" // 1: name
                        + "110000000000000440" // 2: value
                        + "1a026d73"); // 3: unit
    }
}
