package org.cupola.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.cloudfoundry.client.v3.applications.GetApplicationProcessStatisticsRequest;
import org.cloudfoundry.doppler.Envelope;
import org.cloudfoundry.doppler.StreamRequest;
import org.cloudfoundry.logcache.v1.EnvelopeType;
import org.cloudfoundry.logcache.v1.ReadRequest;
import org.cloudfoundry.reactor.ConnectionContext;
import org.cloudfoundry.reactor.TokenProvider;
import org.cloudfoundry.reactor.client.ReactorCloudFoundryClient;
import org.cloudfoundry.reactor.doppler.ReactorDopplerClient;
import org.cloudfoundry.reactor.logcache.v1.ReactorLogCacheClient;

/** What the official Java client says of an app's logs and usage. */
record OfficialLogs(ConnectionContext connection, TokenProvider tokens, String app) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** The app's own lines, the cell's and the router's are all there, as {@code SOURCE text}. */
    void requireRecent(String... starts) {
        var logCache = ReactorLogCacheClient.builder()
                .connectionContext(connection)
                .tokenProvider(tokens)
                .build();
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            List<String> lines = logCache
                    .read(ReadRequest.builder()
                            .sourceId(app)
                            .limit(1000)
                            .envelopeTypes(EnvelopeType.LOG)
                            .build())
                    .block(PATIENCE)
                    .getEnvelopes()
                    .getBatch()
                    .stream()
                    .map(envelope -> envelope.getTags().get("source_type") + " "
                            + envelope.getLog().getPayloadAsText())
                    .toList();
            for (String start : starts) {
                assertThat(lines).anyMatch(line -> line.startsWith(start));
            }
        });
    }

    /** While somebody listens, requests to the app show up as its router's lines. */
    void requireStream(Runnable request) {
        var doppler = ReactorDopplerClient.builder()
                .connectionContext(connection)
                .tokenProvider(tokens)
                .build();
        BlockingQueue<Envelope> envelopes = new LinkedBlockingQueue<>();
        var listening = doppler.stream(
                        StreamRequest.builder().applicationId(app).build())
                .subscribe(envelopes::add);
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> {
                request.run();
                return envelopes.stream()
                        .anyMatch(envelope -> envelope.getLogMessage() != null
                                && "RTR".equals(envelope.getLogMessage().getSourceType()));
            });
        } finally {
            listening.dispose();
        }
    }

    void requireUsage(ReactorCloudFoundryClient cf) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> cf
                        .applicationsV3()
                        .getProcessStatistics(GetApplicationProcessStatisticsRequest.builder()
                                .applicationId(app)
                                .type("web")
                                .build())
                        .block(PATIENCE)
                        .getResources()
                        .stream()
                        .allMatch(instance -> instance.getUsage().getMemory() > 0
                                && instance.getUsage().getDisk() > 0));
    }
}
