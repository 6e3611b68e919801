package org.cupola.acceptance;

import java.nio.file.Path;

/** The two ways to run the platform; what its users see is the same. */
enum PlatformMode {
    /** {@code cupola up}. */
    ONE_PROCESS {
        @Override
        RunningPlatform start(Path directory) throws Exception {
            return InOneProcess.start(directory);
        }
    },
    /** The processes of {@code examples}, with nats-server and PostgreSQL. */
    SEPARATE_PROCESSES {
        @Override
        RunningPlatform start(Path directory) throws Exception {
            return SeparateProcesses.start(directory);
        }
    };

    abstract RunningPlatform start(Path directory) throws Exception;
}
