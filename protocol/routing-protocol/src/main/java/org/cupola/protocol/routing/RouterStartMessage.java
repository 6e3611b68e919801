package org.cupola.protocol.routing;

import java.util.List;
import org.cupola.platform.json.Json;

/**
 * What a router says on {@code router.start} and in reply to {@code router.greet}. Immutable.
 *
 * @param id    the router's index, a dash and a UUID of this run
 * @param hosts the router's own addresses
 * @param minimumRegisterIntervalInSeconds how often everything is to be announced
 * @param pruneThresholdInSeconds after how long an endpoint that nobody announced is dropped
 */
public record RouterStartMessage(
        String id, List<String> hosts, long minimumRegisterIntervalInSeconds, long pruneThresholdInSeconds) {
    public RouterStartMessage {
        hosts = hosts == null ? List.of() : List.copyOf(hosts);
        id = id == null ? "" : id;
    }

    public byte[] toJson() {
        return Json.bytes(this);
    }

    /** @throws tools.jackson.core.JacksonException when the text is not such a message */
    public static RouterStartMessage parse(byte[] json) {
        return Json.read(json, RouterStartMessage.class);
    }
}
