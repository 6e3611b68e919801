package org.cupola.rep.executor;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.cupola.rep.container.Container;

/** Keeps an instance's certificate fresh as long as it lives; the first one is there before any step. */
record CredentialsStep(Container container, InstanceIdentity identity, List<String> units) implements Step {
    @Override
    public void run(Cancellation cancellation, Runnable ready) throws StepFailure {
        ready.run();
        while (!cancellation.await(identity.rotation())) {
            try {
                write(container, identity, units);
            } catch (IOException e) {
                throw new StepFailure("cred-manager-runner exited: " + e.getMessage(), e);
            }
        }
        throw StepFailure.cancelled();
    }

    static void write(Container container, InstanceIdentity identity, List<String> units) throws IOException {
        Map<String, byte[]> files =
                identity.issue(container.handle(), units, container.network().containerAddress());
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            container.write(file.getKey(), file.getValue());
        }
    }
}
