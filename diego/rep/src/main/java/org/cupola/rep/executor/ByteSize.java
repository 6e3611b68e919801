package org.cupola.rep.executor;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Sizes as the platform's logs write them: {@code 512B}, {@code 1.5M}. */
final class ByteSize {
    private static final String UNITS = "BKMGT";

    private ByteSize() {}

    static String format(long bytes) {
        int unit = 0;
        BigDecimal value = BigDecimal.valueOf(bytes);
        BigDecimal step = BigDecimal.valueOf(1024);
        while (unit < UNITS.length() - 1 && value.compareTo(step) >= 0) {
            value = value.divide(step);
            unit++;
        }
        BigDecimal rounded = value.setScale(1, RoundingMode.HALF_UP).stripTrailingZeros();
        return rounded.toPlainString() + UNITS.charAt(unit);
    }
}
