package org.cupola.nats;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Brings a published message to everyone it is for. One per event loop, confined to it.
 */
final class MessageRouter {
    private final LoopContext context;
    private final MessageFrame published = new MessageFrame();
    private final MessageFrame withoutHeaders = new MessageFrame();
    private boolean publishedReady;
    private boolean withoutHeadersReady;
    private @Nullable ClientOutput congested;

    MessageRouter(LoopContext context) {
        this.context = context;
    }

    /** A receiver of the last message that has so much pending that the publisher should pause; normally none. */
    @Nullable
    ClientOutput congested() {
        return congested;
    }

    /** @return whether anyone got it */
    boolean route(ClientSession publisher, PublishLine message, ByteBuf source, int index) {
        publishedReady = false;
        withoutHeadersReady = false;
        congested = null;
        Matches matches = context.matches().match(message.line, message.subjectFrom, message.subjectTo);
        boolean delivered = false;
        for (Subscription subscription : matches.plain()) {
            delivered |= deliver(publisher, subscription, message, source, index);
        }
        for (Subscription[] group : matches.groups()) {
            delivered |= deliverToOne(publisher, group, message, source, index);
        }
        return delivered;
    }

    /** A random member, or the next after it that can take the message. */
    private boolean deliverToOne(
            ClientSession publisher, Subscription[] group, PublishLine message, ByteBuf source, int index) {
        int first = group.length == 1 ? 0 : context.random().nextInt(group.length);
        for (int i = 0; i < group.length; i++) {
            if (deliver(publisher, group[(first + i) % group.length], message, source, index)) {
                return true;
            }
        }
        return false;
    }

    private boolean deliver(
            ClientSession publisher, Subscription subscription, PublishLine message, ByteBuf source, int index) {
        ClientSession receiver = subscription.client();
        if (!receiver.mayReceive(publisher, subscription, message) || !subscription.take()) {
            return false;
        }
        MessageFrame frame =
                message.hasHeaders() && !receiver.understandsHeaders() ? withoutHeaders(message) : published(message);
        ClientOutput output = receiver.output();
        OutputBatch batch = context.batchFor(output);
        frame.appendTo(batch, subscription.sid(), source, index);
        if (output.isUnderPressure()) {
            congested = output;
        }
        if (message.hasReply()) {
            receiver.owesReply(message);
        }
        if (subscription.isExhausted()) {
            receiver.expire(subscription);
        }
        context.passOnIfLarge(batch);
        return true;
    }

    private MessageFrame published(PublishLine message) {
        if (!publishedReady) {
            published.prepare(message);
            publishedReady = true;
        }
        return published;
    }

    private MessageFrame withoutHeaders(PublishLine message) {
        if (!withoutHeadersReady) {
            withoutHeaders.prepareWithoutHeaders(message);
            withoutHeadersReady = true;
        }
        return withoutHeaders;
    }
}
