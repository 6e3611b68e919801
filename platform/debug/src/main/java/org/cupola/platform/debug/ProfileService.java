package org.cupola.platform.debug;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.cupola.platform.http.BlockingService;

/**
 * {@code /debug/pprof/…} as Go serves it, with what a JVM has. One profile that takes time at a time. Any thread.
 *
 * <p>Source of paths and parameters: Go's {@code net/http/pprof}.
 */
final class ProfileService implements AutoCloseable {
    private static final String PREFIX = "/debug/pprof/";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long LARGEST_RECORDING_BYTES = 64L * 1024 * 1024;
    private static final List<String> PROFILES =
            List.of("allocs", "block", "cmdline", "goroutine", "heap", "mutex", "profile", "trace");

    private final Semaphore turn = new Semaphore(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    void addTo(ServerBuilder services) {
        services.service("/debug/pprof", (ctx, request) -> HttpResponse.ofRedirect(PREFIX));
        services.service("prefix:" + PREFIX, new BlockingService(this::profile));
        services.service("/block-profile-rate", new BlockingService((ctx, request) -> integer(request)));
        services.service("/mutex-profile-fraction", new BlockingService((ctx, request) -> integer(request)));
    }

    private HttpResponse profile(ServiceRequestContext ctx, AggregatedHttpRequest request) throws Exception {
        String name = ctx.path().substring(PREFIX.length());
        QueryParams query = ctx.queryParams();
        boolean text = query.getInt("debug", 0) > 0;
        return switch (name) {
            case "" -> HttpResponse.of(HttpStatus.OK, MediaType.HTML_UTF_8, index());
            case "cmdline" -> text(HttpStatus.OK, commandLine());
            case "symbol" -> text(HttpStatus.OK, "num_symbols: 0\n"); // profiles carry their names
            case "goroutine" -> text ? text(HttpStatus.OK, Threads.text()) : file(name, Threads.profile(Instant.now()));
            case "heap" -> heap(text, query.getInt("gc", 0) > 0);
            default -> {
                Optional<Sampling> sampling = Sampling.named(name);
                if (sampling.isEmpty() && !name.equals("trace")) {
                    yield text(HttpStatus.NOT_FOUND, "Unknown profile\n");
                }
                yield inTurn(name, sampling, query.get("seconds", ""));
            }
        };
    }

    private HttpResponse inTurn(String name, Optional<Sampling> sampling, String seconds)
            throws IOException, InterruptedException, ParseException {
        Duration time = sampling.map(Sampling::usual).orElse(Duration.ofSeconds(1));
        // Anything else is the default, as in Go, which takes fractions for traces alone.
        if (seconds.matches("\\d{1,9}(\\.\\d{1,9})?") && Double.parseDouble(seconds) > 0) {
            time = Duration.ofNanos((long) (Double.parseDouble(seconds) * NANOS_PER_SECOND));
        }
        if (time.compareTo(LONGEST) > 0) {
            return text(
                    HttpStatus.BAD_REQUEST, "seconds: " + seconds + " (expected: <= " + LONGEST.toSeconds() + ")\n");
        }
        if (!turn.tryAcquire()) {
            return text(
                    HttpStatus.INTERNAL_SERVER_ERROR, "Could not enable profiling: another profile is being taken\n");
        }
        try {
            return file(name, sampling.isPresent() ? sampling.get().take(time, closed) : recording(time));
        } finally {
            turn.release();
        }
    }

    /** The flight recorder's own file, where Go has an execution trace: both are what happened, moment by moment. */
    private byte[] recording(Duration time) throws IOException, InterruptedException, ParseException {
        try (var recording = new Recording(Configuration.getConfiguration("profile"))) {
            recording.setMaxSize(LARGEST_RECORDING_BYTES);
            recording.start();
            var _ = closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
            recording.stop();
            try (InputStream events = recording.getStream(null, null)) {
                return events == null ? new byte[0] : events.readAllBytes();
            }
        }
    }

    private static HttpResponse heap(boolean text, boolean live) throws JMException {
        return text ? text(HttpStatus.OK, Heap.text(live)) : file("heap", Heap.profile(live, Instant.now()));
    }

    /** Whether to profile is here a matter of asking, so the rate is only checked. */
    private static HttpResponse integer(AggregatedHttpRequest request) {
        String rate = request.contentUtf8();
        try {
            var _ = Integer.parseInt(rate);
            return HttpResponse.of(ResponseHeaders.of(HttpStatus.OK));
        } catch (NumberFormatException e) {
            return text(HttpStatus.BAD_REQUEST, "strconv.Atoi: parsing \"" + rate + "\": invalid syntax");
        }
    }

    private static String commandLine() {
        return ProcessHandle.current().info().command().map(java -> java + "\0").orElse("")
                + String.join("\0", ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    private static String index() {
        var page = new StringBuilder("<!DOCTYPE html><title>profiles</title><ul>\n");
        for (String name : PROFILES) {
            page.append("<li><a href=\"")
                    .append(name)
                    .append("\">")
                    .append(name)
                    .append("</a>\n");
        }
        return page.append("<li><a href=\"goroutine?debug=2\">all threads</a>\n")
                .append("<li><a href=\"heap?debug=1\">heap by class</a>\n</ul>\n")
                .toString();
    }

    private static HttpResponse file(String name, byte[] content) {
        return HttpResponse.of(
                ResponseHeaders.builder(HttpStatus.OK)
                        .contentType(MediaType.OCTET_STREAM)
                        .set(
                                HttpHeaderNames.CONTENT_DISPOSITION,
                                "attachment; filename=\"" + (name.equals("trace") ? "trace.jfr" : name) + "\"")
                        .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                        .build(),
                HttpData.wrap(content));
    }

    private static HttpResponse text(HttpStatus status, String text) {
        return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, text);
    }

    /** Ends a profile that is being taken. */
    @Override
    public void close() {
        closed.countDown();
    }
}
