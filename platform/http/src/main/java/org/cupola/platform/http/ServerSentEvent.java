package org.cupola.platform.http;

import com.linecorp.armeria.common.HttpData;
import java.nio.charset.StandardCharsets;

/** One server-sent event. Immutable. {@code id} and {@code event} are empty when absent. */
public record ServerSentEvent(String id, String event, String data) {
    /** In the order and spacing of the Go library vito/go-sse: {@code id: }, {@code event: }, then one {@code data: } a line. */
    public HttpData encode() {
        var text = new StringBuilder(data.length() + 64);
        if (!id.isEmpty()) {
            text.append("id: ").append(id).append('\n');
        }
        if (!event.isEmpty()) {
            text.append("event: ").append(event).append('\n');
        }
        for (String line : data.split("\n", -1)) {
            text.append("data: ").append(line).append('\n');
        }
        return HttpData.wrap(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }
}
