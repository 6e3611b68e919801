package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.cupola.gorouter.head.ResponseHead;
import org.jspecify.annotations.Nullable;

/** The client's side of one exchange, whatever version of HTTP it speaks. Confined to the exchange's event loop. */
interface ClientStream {
    ClientAddress remote();

    default InetSocketAddress remoteAddress() {
        return remote().socket();
    }

    default byte[] remoteIp() {
        return remote().ip();
    }

    boolean isTls();

    HttpVersion version();

    /** What it is told of HTTP/3, if anything. */
    default @Nullable AltSvc altSvc() {
        return null;
    }

    /** Base64 of the certificate it has shown, empty for none. */
    String certificate();

    /** Sends an answer of our own. */
    void answer(Answer answer);

    /** Passes on a 1xx. */
    void interim(ResponseHead head);

    /** Sends 100 Continue in the place of a backend that keeps silent. */
    void continueRequest();

    /** Sends the head of the backend's response. */
    void responseHead(ResponseHead head, BodyFraming framing);

    /** Takes over a piece of the body, framed as announced. */
    void responseBody(ByteBuf piece);

    /** Sends what has gathered. */
    void flush();

    /** The response is complete. */
    void responseEnd();

    /** The response cannot be completed: the client must notice. */
    void abort();

    /** The backend is there: pieces of the request's body may come. */
    void resumeRequestBody();

    /** Whether more of the response should be read from the backend now. */
    boolean isWritable();

    /** The backend's side has switched protocols: from now on bytes are just passed on. */
    void becomeTunnel();
}
