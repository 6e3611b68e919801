package org.cupola.gorouter;

/** Moving averages of events per second over 1, 5 and 15 minutes, as Unix load averages. Confined to its owner. */
final class Ewma {
    /** How often {@link #tick} is to be called. */
    static final int TICK_SECONDS = 5;

    private static final int[] MINUTES = {1, 5, 15};

    private final double[] rates = new double[MINUTES.length];
    private long counted;
    private boolean begun;

    /** @param count of all events so far */
    void tick(long count) {
        double rate = (count - counted) / (double) TICK_SECONDS;
        counted = count;
        for (int i = 0; i < rates.length; i++) {
            double weight = 1 - Math.exp(-TICK_SECONDS / 60.0 / MINUTES[i]);
            rates[i] = begun ? rates[i] + weight * (rate - rates[i]) : rate;
        }
        begun = true;
    }

    /** Over 1, 5 and 15 minutes. */
    double[] rates() {
        return rates.clone();
    }
}
