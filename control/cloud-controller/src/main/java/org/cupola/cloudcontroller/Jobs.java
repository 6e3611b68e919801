package org.cupola.cloudcontroller;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs operations that outlive their requests, each on a virtual thread of its own, and keeps their outcome. Any thread.
 *
 * <p>Deletions are known by their operation's name, so that those an earlier run had accepted and not finished are done
 * at the next start. A request waits a moment for its job, because most are done at once and clients ask for the state
 * right away and then only every three seconds.
 */
final class Jobs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Jobs.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Store store;
    private final Urls urls;
    private final Map<String, Deletion> deletions = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("job-", 0).factory());

    /** What a job does; the result is shown as warnings. What it throws becomes the job's error. */
    @FunctionalInterface
    interface Work {
        List<String> run() throws Exception;
    }

    /** Deletes a resource if it is still there. */
    @FunctionalInterface
    interface Deletion {
        void delete(String guid) throws Exception;
    }

    Jobs(Store store, Urls urls) {
        this.store = store;
        this.urls = urls;
    }

    /** @param resourceType such as {@code app}; the operation is {@code app.delete} */
    void deletes(String resourceType, Deletion deletion) {
        deletions.put(resourceType, deletion);
    }

    /** Starts the deletion of that resource and answers with its job. */
    Reply delete(String resourceType, String guid) {
        Deletion deletion = deletions.get(resourceType);
        if (deletion == null) {
            throw new IllegalStateException("no deletion of " + resourceType);
        }
        return run(resourceType + ".delete", resourceType, guid, () -> {
            deletion.delete(guid);
            return List.of();
        });
    }

    Reply run(String operation, String resourceType, String resourceGuid, Work work) {
        Job job = new Job(
                store.stamps.create(), operation, Job.PROCESSING, resourceType, resourceGuid, List.of(), List.of());
        store.database.writeVoid(dsl -> store.jobs.insert(dsl, job));
        patiently(CompletableFuture.runAsync(() -> perform(job, work), threads));
        return Reply.job(urls.v3("/jobs/" + job.guid()));
    }

    /** Runs something without a job that a client can see, waiting for it for a moment. */
    void background(Runnable work) {
        patiently(CompletableFuture.runAsync(work, threads));
    }

    private static void patiently(CompletableFuture<Void> done) {
        try {
            done.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.atDebug().log("job-goes-on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            log.atError().setCause(e).log("job-failed");
        }
    }

    /** Finishes the deletions of an earlier run and closes its other jobs. */
    void recover() {
        for (Job job : store.database.read(store.jobs::unfinished)) {
            Deletion deletion = deletions.get(job.resourceType());
            if (deletion != null && job.operation().endsWith(".delete")) {
                threads.execute(() -> perform(job, () -> {
                    deletion.delete(job.resourceGuid());
                    return List.of();
                }));
            } else {
                finish(
                        job,
                        Job.FAILED,
                        List.of(new ApiError(10001, "UnknownError", "The Cloud Controller restarted during the job.")),
                        List.of());
            }
        }
    }

    private void perform(Job job, Work work) {
        try {
            List<String> warnings = work.run();
            finish(job, Job.COMPLETE, List.of(), warnings);
        } catch (ApiException e) {
            log.atInfo()
                    .addKeyValue("operation", job.operation())
                    .addKeyValue("guid", job.resourceGuid())
                    .addKeyValue("error", e.getMessage())
                    .log("job-refused");
            finish(job, Job.FAILED, e.errors(), List.of());
        } catch (Exception e) {
            log.atError()
                    .addKeyValue("operation", job.operation())
                    .addKeyValue("guid", job.resourceGuid())
                    .setCause(e)
                    .log("job-failed");
            finish(job, Job.FAILED, ApiException.unknownError().errors(), List.of());
        }
    }

    private void finish(Job job, String state, List<ApiError> errors, List<String> warnings) {
        store.database.writeVoid(
                dsl -> store.jobs.finish(dsl, job.guid(), state, errors, warnings, store.stamps.micros()));
    }

    /** Lets running jobs end for a few seconds. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            threads.shutdownNow();
        }
    }
}
