package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.cupola.gorouter.routes.Backend;
import org.cupola.gorouter.routes.Endpoint;
import org.junit.jupiter.api.Test;

class FailureTest {
    private static final Backend BACKEND =
            Endpoint.outside("10.0.0.1", 8080, false).backend();
    private static final IOException RESET =
            new IOException("recvAddress(..) failed with error(-104): Connection reset by peer");
    private static final IOException BROKEN_PIPE =
            new IOException("sendAddress(..) failed with error(-32): Broken pipe");

    @Test
    void aRequestThatCouldNotBeWrittenHasReachedNobody() {
        Failure failure = Failure.broken(BACKEND, BROKEN_PIPE, true, false);

        assertThat(failure)
                .isEqualTo(new Failure(FailureKind.INCOMPLETE_REQUEST, "write tcp 10.0.0.1:8080: write: broken pipe"));
        assertThat(failure.kind().isRetriable()).isTrue();
    }

    @Test
    void whatWasAnsweredInPartIsNotSentAgain() {
        assertThat(Failure.broken(BACKEND, BROKEN_PIPE, false, true).kind().isRetriable())
                .isFalse();
        assertThat(Failure.broken(BACKEND, RESET, false, true).kind().isRetriable())
                .isFalse();
    }

    @Test
    void aResetLeavesOnlyWhatMayBeRepeated() {
        assertThat(Failure.broken(BACKEND, RESET, true, true).kind().isRetriable())
                .isTrue();
        assertThat(Failure.broken(BACKEND, RESET, true, false))
                .isEqualTo(new Failure(
                        FailureKind.CONNECTION_RESET, "read tcp 10.0.0.1:8080: read: connection reset by peer"));
    }
}
