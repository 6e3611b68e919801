package org.cupola.gorouter.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamHistoryTest {
    private final StreamHistory history = new StreamHistory();

    @Test
    void requestsWithBodiesAndTrailersAreInOrder() {
        assertThat(history.headers(1)).isNull();
        assertThat(history.headers(3)).isNull();
        history.ends(3);
        assertThat(history.headers(1)).isNull();
        history.ends(1);
        assertThat(history.headers(9)).isNull();

        assertThat(history.newest()).isEqualTo(9);
        assertThat(history.hasEnded(1)).isTrue();
        assertThat(history.hasEnded(9)).isFalse();
    }

    @Test
    void headersAfterTheEndOfAStreamAreNot() {
        history.headers(1);
        history.ends(1);

        assertThat(history.headers(1)).isEqualTo(ErrorCode.STREAM_CLOSED);
    }

    @Test
    void aNumberThatWasLeftOutDoesNotComeLater() {
        history.headers(5);

        assertThat(history.headers(3)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
        assertThat(history.isIdle(3)).isFalse();
    }

    @Test
    void clientsHaveOddNumbers() {
        assertThat(history.headers(2)).isEqualTo(ErrorCode.PROTOCOL_ERROR);
        assertThat(history.isIdle(2)).isTrue();
    }

    @Test
    void framesOfAVeryOldStreamPass() {
        history.headers(1);
        for (int stream = 3; stream < 4_000; stream += 2) {
            history.headers(stream);
            history.ends(stream);
        }

        assertThat(history.headers(1)).isNull();
        assertThat(history.hasEnded(1)).isFalse();
    }

    @Test
    void aLeapInNumbersForgetsAllBefore() {
        history.headers(1);
        history.ends(1);
        history.headers(1_000_001);

        assertThat(history.headers(1)).isNull();
        assertThat(history.isIdle(1_000_003)).isTrue();
    }
}
