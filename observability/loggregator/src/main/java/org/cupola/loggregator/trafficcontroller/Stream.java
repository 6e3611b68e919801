package org.cupola.loggregator.trafficcontroller;

import com.linecorp.armeria.common.websocket.WebSocket;
import com.linecorp.armeria.common.websocket.WebSocketCloseStatus;
import com.linecorp.armeria.common.websocket.WebSocketFrame;
import com.linecorp.armeria.common.websocket.WebSocketFrameType;
import com.linecorp.armeria.common.websocket.WebSocketWriter;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cupola.loggregator.doppler.Subscription;
import org.cupola.protocol.loggregator.ToV1;
import org.cupola.protocol.loggregator.v1.Envelope;
import org.reactivestreams.Subscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket connection. Its thread sends; a client that does not take what it is sent within five seconds, or does not answer a
 * ping within thirty, is disconnected.
 */
final class Stream {
    private static final Logger log = LoggerFactory.getLogger(Stream.class);
    private static final long PING_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long SLOW_SECONDS = 5;
    private static final String SLOW = "Client did not respond to ping before keep-alive timeout expired.";

    private final Subscription subscription;
    private final WebSocketWriter out = WebSocket.streaming();
    private volatile boolean answered = true;

    Stream(Subscription subscription) {
        this.subscription = subscription;
    }

    WebSocket carry(WebSocket in, Executor threads) {
        in.subscribe(new Incoming());
        out.whenComplete().handle((nothing, cause) -> {
            subscription.close();
            return null;
        });
        threads.execute(this::send);
        return out;
    }

    private void send() {
        try (subscription) {
            long nextPing = System.nanoTime() + PING_NANOS;
            while (!subscription.isClosed()) {
                long left = nextPing - System.nanoTime();
                if (left <= 0) {
                    if (!answered) {
                        out.close(WebSocketCloseStatus.POLICY_VIOLATION, SLOW);
                        return;
                    }
                    answered = false;
                    out.writePing();
                    nextPing = System.nanoTime() + PING_NANOS;
                    continue;
                }
                send(subscription.take(left));
            }
            out.close(WebSocketCloseStatus.NORMAL_CLOSURE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            log.atWarn().log("slow-consumer-disconnected");
            out.close(WebSocketCloseStatus.POLICY_VIOLATION, SLOW);
        } catch (ExecutionException e) {
            log.atDebug().addKeyValue("reason", e.toString()).log("client-gone");
        }
    }

    private void send(List<org.cupola.protocol.loggregator.v2.Envelope> batch)
            throws InterruptedException, TimeoutException, ExecutionException {
        boolean any = false;
        for (var envelope : batch) {
            for (Envelope v1 : ToV1.convert(envelope)) {
                if (!out.isOpen()) {
                    subscription.close();
                    return;
                }
                out.write(v1.toByteArray());
                any = true;
            }
        }
        if (any) {
            out.whenConsumed().get(SLOW_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** What the client sends is of no interest but for its pongs and its end. */
    private final class Incoming implements Subscriber<WebSocketFrame> {
        @Override
        public void onSubscribe(org.reactivestreams.Subscription frames) {
            frames.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(WebSocketFrame frame) {
            if (frame.type() == WebSocketFrameType.PONG) {
                answered = true;
            }
            if (frame.type() == WebSocketFrameType.CLOSE) {
                subscription.close();
            }
            frame.close();
        }

        @Override
        public void onError(Throwable gone) {
            subscription.close();
        }

        @Override
        public void onComplete() {
            subscription.close();
        }
    }
}
