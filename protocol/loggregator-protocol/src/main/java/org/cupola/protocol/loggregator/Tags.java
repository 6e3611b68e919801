package org.cupola.protocol.loggregator;

import java.util.Map;
import org.cupola.protocol.loggregator.v2.Envelope;
import org.cupola.protocol.loggregator.v2.Value;

/** The two places an envelope may have its tags in. Pure. */
public final class Tags {
    private Tags() {}

    /** Everything in {@code tags}; a tag that is in both places keeps the value it has there. */
    public static Envelope preferred(Envelope envelope) {
        if (envelope.getDeprecatedTagsCount() == 0) {
            return envelope;
        }
        Envelope.Builder moved = envelope.toBuilder().clearDeprecatedTags();
        envelope.getDeprecatedTagsMap().forEach((name, value) -> {
            if (!envelope.containsTags(name)) {
                moved.putTags(name, text(value));
            }
        });
        return moved.build();
    }

    /** Everything in {@code deprecated_tags}, as text, for readers that know no other place. */
    public static Envelope deprecated(Envelope envelope) {
        if (envelope.getTagsCount() == 0 && envelope.getDeprecatedTagsCount() == 0) {
            return envelope;
        }
        Envelope.Builder moved = envelope.toBuilder().clearTags().clearDeprecatedTags();
        envelope.getDeprecatedTagsMap().forEach((name, value) -> put(moved, name, text(value)));
        envelope.getTagsMap().forEach((name, value) -> put(moved, name, value));
        return moved.build();
    }

    /** Adds what is not there yet. */
    public static Envelope.Builder addMissing(Envelope.Builder envelope, Map<String, String> tags) {
        tags.forEach((name, value) -> {
            if (!envelope.containsTags(name)) {
                envelope.putTags(name, value);
            }
        });
        return envelope;
    }

    private static void put(Envelope.Builder envelope, String name, String value) {
        envelope.putDeprecatedTags(name, Value.newBuilder().setText(value).build());
    }

    private static String text(Value value) {
        return switch (value.getDataCase()) {
            case TEXT -> value.getText();
            case INTEGER -> Long.toString(value.getInteger());
            case DECIMAL -> Double.toString(value.getDecimal());
            case DATA_NOT_SET -> "";
        };
    }
}
