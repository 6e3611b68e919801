package org.cupola.rep.executor;

import java.time.Duration;

/** @param interval between two looks at a container that is well */
record Check(Probe probe, Duration interval) {}
