package org.cupola.cloudcontroller;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** Invents host names for {@code random-route}: app, adjective, noun, two letters. */
final class RouteNames {
    private static final String[] ADJECTIVES = {
        "brave", "bright", "calm", "clever", "eager", "fair", "gentle", "grand", "happy", "kind", "lively", "lucky",
        "mellow", "noble", "proud", "quick", "quiet", "rapid", "shiny", "swift", "tidy", "warm", "wise", "witty"
    };
    private static final String[] NOUNS = {
        "badger", "bear", "camel", "crane", "dingo", "eagle", "ferret", "gecko", "heron", "ibex", "koala", "lemur",
        "lynx", "moose", "otter", "panda", "puma", "quokka", "raven", "seal", "tapir", "walrus", "wombat", "zebra"
    };

    private final RandomGenerator random;

    RouteNames(RandomGenerator random) {
        this.random = random;
    }

    String hostFor(String appName) {
        return host(appName) + "-" + ADJECTIVES[random.nextInt(ADJECTIVES.length)] + "-"
                + NOUNS[random.nextInt(NOUNS.length)] + "-" + letter() + letter();
    }

    /** The app's name as far as it can be a host name. */
    static String host(String appName) {
        return appName.toLowerCase(Locale.ROOT).replaceAll("[^\\w-]+", "-");
    }

    private char letter() {
        return (char) ('a' + random.nextInt(26));
    }
}
