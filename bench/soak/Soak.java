import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The router under load while everything around it changes and fails, see soak.sh.
 *
 * <p>{@code java Soak.java WORK_DIRECTORY ROUTER_COMMAND SECONDS REQUESTS_PER_SECOND CHANGES_PER_SECOND JVM_OPTIONS}; the
 * directory holds the router's configuration in two versions, {@code gorouter.yml} and {@code changed.yml}, and the
 * instances' key store. A rate of 0 finds the highest and takes 80 % of it. Ends with 1 when something failed.
 */
final class Soak {
    private static final int BASE = 21000;
    private static final int INSTANCES = 24;
    private static final int TLS_INSTANCES = 3;
    private static final int ROUTES = 200;
    private static final int PER_ROUTE = 4;
    private static final int CLIENTS = 256;
    private static final int WARM_SECONDS = 15;

    /** A quarter of less than this is over before the router's code is compiled. */
    private static final int STEADY_SECONDS = 240;

    private final Path work;
    private final int seconds;
    private final double rate;
    private final Router router;
    private final Registrar registrar;
    private final Chaos chaos;
    private final Load load;
    private final List<Thread> clients = new ArrayList<>();
    private boolean sound = true;

    private Soak(String[] arguments) throws Exception {
        work = Path.of(arguments[0]);
        seconds = Integer.parseInt(arguments[2]);
        rate = Double.parseDouble(arguments[3]);
        SSLContext tls = tls(work.resolve("instance.p12"));
        List<Instance> instances = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            boolean secure = i < TLS_INSTANCES;
            instances.add(new Instance(
                    BASE + 10 + i, secure, secure ? tls.getServerSocketFactory() : ServerSocketFactory.getDefault()));
        }
        List<Route> routes = new ArrayList<>();
        for (int i = 0; i < ROUTES; i++) {
            List<Instance> its = new ArrayList<>();
            for (int j = 0; j < PER_ROUTE; j++) {
                its.add(instances.get((i * 5 + j * 7) % INSTANCES));
            }
            routes.add(new Route("app-" + i + ".soak.test", its));
        }
        registrar = new Registrar(
                BASE, Integer.parseInt(arguments[4]), routes, instances.subList(TLS_INSTANCES, INSTANCES));
        load = new Load(routes, registrar, tls.getSocketFactory(), BASE + 1, BASE + 2);
        chaos = new Chaos(instances, routes, registrar, load.tally, BASE, work.resolve("nats.log"));
        chaos.startNats();
        router = new Router(
                arguments[1],
                work.resolve("gorouter.yml"),
                work.resolve("gorouter.log"),
                "-XX:NativeMemoryTracking=summary " + arguments[5]);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            chaos.stopNats();
            router.process.destroyForcibly();
        }));
        for (int i = 0; i < CLIENTS; i++) {
            boolean secure = i % 4 == 3;
            boolean keeps = i % 8 != 0 && i % 16 != 7;
            clients.add(Thread.ofVirtual().unstarted(new Client(load, i, secure, keeps)));
        }
        clients.add(Thread.ofPlatform().unstarted(new Http2Client(load, tls)));
    }

    public static void main(String[] arguments) {
        try {
            System.exit(new Soak(arguments).run() ? 0 : 1);
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1); // other threads would keep it alive
        }
    }

    private boolean run() throws Exception {
        router.awaitStart();
        Thread.ofPlatform().start(registrar);
        Thread.sleep(3000);
        long idleFiles = router.files();
        say("idle: %s", router.footprint());
        load.intervalNanos = rate > 0 ? (long) (1e9 * CLIENTS / rate) : 0;
        clients.forEach(Thread::start);
        Thread.sleep(WARM_SECONDS * 1000L);
        if (rate <= 0) {
            double top = measure(5);
            load.intervalNanos = (long) (1e9 * CLIENTS / (top * 0.8));
            say("highest rate %.0f requests/s, from now on %.0f", top, top * 0.8);
            Thread.sleep(2000);
        }

        load.judging = true;
        Router.Footprint before = router.footprint();
        say("start: %s", before);
        say("       %s", router.kinds());
        long changes = registrar.changes.sum();
        long answered = load.tally.answered.sum();
        double cpu = router.cpuSeconds();
        Router.Collections collections = router.collections();
        long begun = System.nanoTime();
        chaos.begin(Math.max(12_000L, seconds * 1000L / 8));
        String certificate = load.certificate;
        boolean reloaded = false;
        List<Long> resident = new ArrayList<>();
        while (elapsed(begun) < seconds) {
            Thread.sleep(1000);
            resident.add(router.residentKilobytes("VmRSS") / 1024);
            if (!reloaded && elapsed(begun) > seconds / 2.0) {
                reloaded = true;
                Files.move(
                        work.resolve("changed.yml"),
                        work.resolve("gorouter.yml"),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                router.signal("HUP");
            }
            if (!router.process.isAlive()) {
                load.tally.failed("the router ended", "exit code " + router.process.exitValue());
                break;
            }
        }
        double took = elapsed(begun);
        say(
                "%.0f s, %.0f requests/s, %.0f route changes/s, router's CPU %.0f %% of one",
                took,
                (load.tally.answered.sum() - answered) / took,
                (registrar.changes.sum() - changes) / took,
                (router.cpuSeconds() - cpu) / took * 100);
        say("RSS, MB, a tenth of the time each: %s", tenths(resident));
        say("%s", router.collections().since(collections));
        checkFlat(resident);
        check(!load.certificate.equals(certificate), "new certificate not shown: " + load.certificate);
        chaos.end();
        Thread.sleep(1500);
        Router.Footprint after = router.footprint();
        say("end:   %s", after);
        say("       %s", router.kinds());
        load.stop = true;
        for (Thread client : clients) {
            client.join(60_000);
        }
        Thread.sleep(3000);
        Router.Footprint quiet = router.footprint();
        say("quiet: %s", quiet);
        registrar.stop = true;
        load.tally.print();
        Map<String, Integer> complaints = router.complaints();
        complaints.forEach((text, count) -> say("  router's log: %s: %d", text, count));

        check(load.tally.failures() == 0, load.tally.failures() + " failures");
        check(!complaints.containsKey("LEAK"), "the leak detector has found buffers that were not released");
        check(after.liveKilobytes() < before.liveKilobytes() * 1.15 + 8192, "the heap grows");
        check(after.directKilobytes() < before.directKilobytes() * 1.25 + 16_384, "memory outside of the heap grows");
        check(after.anonymousKilobytes() < before.anonymousKilobytes() * 1.2 + 32_768, "resident memory grows");
        check(quiet.files() < idleFiles + 24 * 100, "files stay open: " + quiet.files() + " (idle: " + idleFiles + ")");
        say(sound ? "sound" : "NOT SOUND");
        return sound;
    }

    private double measure(int forSeconds) throws InterruptedException {
        long before = load.tally.answered.sum();
        Thread.sleep(forSeconds * 1000L);
        return (load.tally.answered.sum() - before) / (double) forSeconds;
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            sound = false;
            say("FAILED: %s", otherwise);
        }
    }

    /** The first quarter is for the compilers and the first collections; from then on the highest points must stay. */
    private void checkFlat(List<Long> samples) {
        List<Long> highest = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            highest.add(Collections.max(samples.subList(samples.size() * i / 4, samples.size() * (i + 1) / 4)));
        }
        say("highest RSS, MB, of each quarter: %s", highest);
        check(
                seconds < STEADY_SECONDS || highest.get(3) <= highest.get(1) * 1.05 + 8,
                "resident memory is not flat: more than 5 % and 8 MB from the second to the last quarter");
    }

    private static List<Long> tenths(List<Long> samples) {
        List<Long> means = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            List<Long> part = samples.subList(samples.size() * i / 10, samples.size() * (i + 1) / 10);
            means.add(Math.round(
                    part.stream().mapToLong(Long::longValue).average().orElse(0)));
        }
        return means;
    }

    private static double elapsed(long begun) {
        return (System.nanoTime() - begun) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }

    /** Shows the instances' certificate, and accepts the router's, whichever it is. */
    private static SSLContext tls(Path keyStore) throws Exception {
        char[] password = "soak".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            keys.load(in, password);
        } catch (IOException e) {
            throw new IOException(keyStore + ": " + e.getMessage(), e);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), new TrustManager[] {new Anyone()}, null);
        return context;
    }

    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
