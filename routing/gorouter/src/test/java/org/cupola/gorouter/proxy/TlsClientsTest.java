package org.cupola.gorouter.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsClientsTest {
    private static BackendTls tls() {
        return new BackendTls(null, List.of(), List.of(), List.of("TLSv1.2", "TLSv1.3"), false, 0);
    }

    @Test
    void whatWasReplacedGoesWithItsLastConnection() {
        BackendTls first = tls();
        BackendTls second = tls();
        var clients = new TlsClients(first, first, first);
        var other = new TlsClients(second, second, tls());
        assertThat(first.retain()).isTrue();
        SslHandler connection = first.handler(ByteBufAllocator.DEFAULT, "a.test", 1, false);
        first.close();

        other.replace(tls(), tls());
        assertThat(second.retain()).as("nobody uses it").isFalse();

        clients.close();
        assertThat(first.retain()).isFalse();
        assertThat(connection.engine().getSupportedProtocols())
                .as("a connection that is there goes on")
                .isNotEmpty();
        if (connection.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            assertThat(engine.refCnt()).isOne();
        }
        ReferenceCountUtil.release(connection.engine());
        other.close();
    }

    @Test
    void whatServesOurselvesStaysWhenTheOthersAreReplaced() {
        BackendTls all = tls();
        var clients = new TlsClients(all, all, all);

        clients.replace(tls(), tls());

        assertThat(all.retain()).isTrue();
        all.close();
        clients.close();
        assertThat(all.retain()).isFalse();
    }
}
