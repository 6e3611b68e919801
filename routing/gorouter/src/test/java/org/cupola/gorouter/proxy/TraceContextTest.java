package org.cupola.gorouter.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.head.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    private final TraceContext context = new TraceContext();

    private String lines(String tenant, String... headers) {
        var rules = new HeaderRules(
                HeaderRules.ClientCert.ALWAYS_FORWARD,
                Set.of(),
                false,
                false,
                List.of(),
                Set.of(),
                null,
                false,
                true,
                tenant);
        byte[] bytes = ("GET / HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", headers) + "\r\n\r\n").getBytes(US_ASCII);
        var head = new RequestHead();
        System.arraycopy(bytes, 0, head.room(bytes.length), 0, bytes.length);
        head.added(bytes.length);
        assertThat(head.read(Integer.MAX_VALUE)).isEqualTo(Verdict.COMPLETE);
        var requestId = new byte[RequestIds.LENGTH];
        var ids = new RequestIds();
        ids.next(requestId);
        context.clear();
        context.begin(head, rules, ids, requestId);
        ByteSink lines = context.lines();
        return new String(lines.bytes(), 0, lines.length(), US_ASCII);
    }

    @Test
    void goesOnWithATraceInLowerCaseUnderASpanOfItsOwn() {
        String lines = lines("", "traceparent: 00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "-" + SPAN + "-0F");

        assertThat(context.traceId()).isEqualTo(TRACE);
        assertThat(context.spanId()).hasSize(16).isNotEqualTo(SPAN);
        assertThat(lines)
                .isEqualTo("Traceparent: 00-" + TRACE + "-" + context.spanId() + "-0f\r\nTracestate: gorouter="
                        + context.spanId() + "\r\n");
    }

    @Test
    void putsItsEntryBeforeThoseOfOthersAndInThePlaceOfItsOwn() {
        String lines = lines(
                "t",
                "traceparent: 01-" + TRACE + "-" + SPAN + "-01",
                "tracestate: a=1, t@gorouter=old ,,gorouter=kept,b=2");

        assertThat(lines).endsWith("\r\nTracestate: t@gorouter=" + context.spanId() + ",a=1,gorouter=kept,b=2\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-0",
                "00-" + TRACE + "-" + SPAN + "-001",
                "00-" + TRACE + "_" + SPAN + "-01",
                "0g-" + TRACE + "-" + SPAN + "-01",
                "00-" + SPAN + "-" + TRACE + "-01",
                "-00" + TRACE + "-" + SPAN + "-01"
            })
    void beginsATraceWhenTheClientsMakesNoSense(String parent) {
        String lines = lines("", "traceparent: " + parent);

        assertThat(context.traceId()).hasSize(32).isNotEqualTo(TRACE);
        assertThat(lines)
                .startsWith("Traceparent: 00-" + context.traceId() + "-" + context.spanId() + "-01\r\n")
                .doesNotContain(SPAN);
    }
}
