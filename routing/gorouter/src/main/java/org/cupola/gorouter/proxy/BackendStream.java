package org.cupola.gorouter.proxy;

import io.netty.buffer.ByteBuf;

/** The backend's side of one exchange. Confined to the exchange's event loop. */
interface BackendStream {
    /** Takes over a piece of the request's body, framed as the client framed it. */
    void requestBody(ByteBuf piece, boolean last);

    void flush();

    boolean isWritable();

    /** Read more, or no more, of the response. */
    void readable(boolean wanted);

    /** Gives up: the connection is of no more use. */
    void abort();

    /** Local address as text, for the access log; empty when there is none. */
    String localAddress();
}
