package org.cupola.nats;

import java.io.IOException;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** One server of each kind for all tests of a class. */
abstract class ServerFixture {
    static Server.Running server;

    @Parameter
    Server kind;

    @BeforeParameterizedClassInvocation
    static void start(Server kind) {
        server = kind.start("");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    RawClient connected() throws IOException {
        return RawClient.connected(server.port());
    }
}
