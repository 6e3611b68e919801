package org.cupola.cloudcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Arrays;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.junit.jupiter.api.Test;

class AppLogTest {
    private static AuditEvents.Event event(String type) {
        var app = new AuditEvents.Party("app-1", "app", "hello");
        return new AuditEvents.Event(
                new Stamps(Clock.systemUTC()).create(),
                type,
                app,
                app,
                Docs.object().put("reason", "CRASHED"),
                null,
                null);
    }

    @Test
    void saysWhatWasDoneToAnApp() {
        assertThat(AppLog.line(event("audit.app.stop"))).contains("Stopping app with guid app-1");
        assertThat(AppLog.line(event("audit.app.process.crash")))
                .contains("App instance exited with guid app-1 payload: {\"reason\":\"CRASHED\"}");
        assertThat(AppLog.line(event("audit.space.create"))).isEmpty();
    }

    @Test
    void sendsAnEnvelopeForTheAppsLog() throws Exception {
        try (var agent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var log = new AppLog(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), agent.getLocalPort()),
                        Clock.systemUTC())) {
            agent.setSoTimeout(30_000);
            log.tell(event("audit.space.create"));
            log.tell(event("audit.app.start"));

            var packet = new DatagramPacket(new byte[1000], 1000);
            agent.receive(packet);
            Envelope envelope = Envelope.parseFrom(Arrays.copyOf(packet.getData(), packet.getLength()));
            assertThat(envelope.getOrigin()).isEqualTo("cloud_controller");
            assertThat(envelope.getLogMessage().getAppId()).isEqualTo("app-1");
            assertThat(envelope.getLogMessage().getSourceType()).isEqualTo("API");
            assertThat(envelope.getLogMessage().getMessage().toStringUtf8()).isEqualTo("Starting app with guid app-1");
        }
    }
}
