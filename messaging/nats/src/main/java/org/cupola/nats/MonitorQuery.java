package org.cupola.nats;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.cupola.nats.MonitorReports.BadParameter;
import org.jspecify.annotations.Nullable;

/** The parameters of a monitoring request. */
final class MonitorQuery {
    private final Function<String, @Nullable String> parameters;

    MonitorQuery(Function<String, @Nullable String> parameters) {
        this.parameters = parameters;
    }

    String text(String name, String otherwise) {
        String found = parameters.apply(name);
        return found == null || found.isEmpty() ? otherwise : found;
    }

    boolean bool(String name, boolean otherwise) throws BadParameter {
        String found = text(name, Boolean.toString(otherwise));
        return switch (found.toLowerCase(Locale.ROOT)) {
            case "1", "t", "true" -> true;
            case "0", "f", "false" -> false;
            default -> throw new BadParameter("invalid value for " + name + ": " + found);
        };
    }

    long number(String name, long otherwise) throws BadParameter {
        String found = text(name, Long.toString(otherwise));
        try {
            return Math.max(0, Long.parseLong(found));
        } catch (NumberFormatException e) {
            throw new BadParameter("invalid value for " + name + ": " + found);
        }
    }

    String choice(String name, String otherwise, List<String> allowed) throws BadParameter {
        String found = text(name, otherwise);
        if (!allowed.contains(found)) {
            throw new BadParameter("invalid value for " + name + ": " + found);
        }
        return found;
    }
}
