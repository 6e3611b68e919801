package org.cupola.gorouter;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.DeflaterOutputStream;
import org.cupola.platform.json.Json;
import org.cupola.protocol.routing.NatsBus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only old parts of a platform listen to on NATS, and only if switched on: that this router exists, and which apps had
 * requests.
 */
final class LegacyAnnouncements {
    private static final Logger log = LoggerFactory.getLogger(LegacyAnnouncements.class);
    private static final String DISCOVER = "vcap.component.discover";
    private static final String ANNOUNCE = "vcap.component.announce";
    private static final String ACTIVE_APPS = "router.active_apps";

    private LegacyAnnouncements() {}

    /** @param varz what is told, made anew for each who asks */
    static void component(NatsBus bus, Supplier<byte[]> varz) {
        bus.subscribe(DISCOVER, (subject, replyTo, data) -> {
            if (!replyTo.isEmpty()) {
                bus.publish(replyTo, varz.get());
            }
        });
        bus.publish(ANNOUNCE, varz.get());
        log.atInfo().log("Component Router registered successfully");
    }

    /** @param seen apps with requests since the last call */
    static void activeApps(
            NatsBus bus, ScheduledExecutorService timers, long intervalMillis, Supplier<Set<String>> seen) {
        timers.scheduleWithFixedDelay(
                () -> bus.publish(ACTIVE_APPS, compressed(Json.bytes(seen.get()))),
                intervalMillis,
                intervalMillis,
                TimeUnit.MILLISECONDS);
    }

    private static byte[] compressed(byte[] plain) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }
}
