package org.cupola.platform.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lets tests wait longer than Awaitility's ten seconds before they call something lost: a busy machine must not decide
 * whether a test passes. Found by JUnit through {@code META-INF/services}, in every module that depends on this one.
 */
public final class PatientTests implements LauncherSessionListener {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(PATIENCE);
    }
}
