import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Speaks NATS: 50 times a second refreshes, registers and unregisters, as many as asked for. What it says counts once the
 * connection on which it was said has lived on for a while, and only on a connection over which the router has answered.
 */
final class Registrar implements Runnable {
    private static final long TICK = 20_000_000L;
    private static final long IN_FORCE = 1_000_000_000L;
    private static final String INBOX = "_INBOX.soak";

    private record Pending(Route.Member member, Route gone, int connection, long due) {}

    private record Passing(Route route, long until) {}

    private final int port;
    private final int perTick;
    private final List<Route> routes;
    private final List<Instance> instances;
    private final List<Route.Member> members = new ArrayList<>();
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final ArrayDeque<Passing> passing = new ArrayDeque<>();
    private final ArrayDeque<Route.Member> away = new ArrayDeque<>();
    private final ConcurrentLinkedQueue<Route.Member> asked = new ConcurrentLinkedQueue<>();
    final LongAdder changes = new LongAdder();

    /** The latest routes that come and go, newest last; replaced as a whole. */
    volatile List<Route> recent = List.of();

    volatile boolean stop;

    /** When the router last answered after a (re)connection; {@link Instance#NEVER} while NATS or the router is away. */
    volatile long connectedSince = Instance.NEVER;

    private Socket socket;
    private OutputStream out;
    private volatile int connection;
    private volatile boolean confirmed;
    private int next;
    private int made;

    Registrar(int port, int changesPerSecond, List<Route> routes, List<Instance> instances) {
        this.port = port;
        this.perTick = Math.max(8, changesPerSecond / 50);
        this.routes = routes;
        this.instances = instances;
        routes.forEach(route -> members.addAll(route.members));
    }

    /** Registers the member anew, whatever the router knows; any thread. */
    void again(Route.Member member) {
        asked.add(member);
    }

    @Override
    public void run() {
        long due = System.nanoTime();
        while (!stop) {
            try {
                if (socket == null) {
                    connect();
                    due = System.nanoTime();
                }
                tick();
                out.flush();
            } catch (IOException e) {
                connectedSince = Instance.NEVER;
                socket = null;
                LockSupport.parkNanos(50_000_000L);
            }
            due += TICK;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void connect() throws IOException {
        var opened = new Socket("127.0.0.1", port);
        opened.setTcpNoDelay(true);
        out = new BufferedOutputStream(opened.getOutputStream(), 65536);
        confirmed = false;
        connection++;
        int mine = connection;
        Thread.ofVirtual().start(() -> listen(opened, mine));
        say("CONNECT {\"verbose\":false,\"name\":\"soak\"}\r\nSUB " + INBOX + " 1\r\n");
        while (!confirmed && !stop) {
            say("PUB router.greet " + INBOX + " 0\r\n\r\n");
            out.flush();
            LockSupport.parkNanos(50_000_000L);
        }
        socket = opened;
        // All that an unheard message may have left undone.
        for (Route.Member member : members) {
            if (member.wanted) {
                register(member);
            }
        }
        connectedSince = System.nanoTime();
    }

    private void listen(Socket opened, int mine) {
        try (opened) {
            InputStream in = new BufferedInputStream(opened.getInputStream());
            var line = new StringBuilder();
            while (true) {
                int read = in.read();
                if (read < 0) {
                    break;
                }
                if (read != '\n') {
                    line.append((char) read);
                    continue;
                }
                if (line.toString().startsWith("PING")) {
                    synchronized (this) {
                        opened.getOutputStream().write("PONG\r\n".getBytes(StandardCharsets.US_ASCII));
                    }
                } else if (line.toString().startsWith("MSG " + INBOX) && mine == connection) {
                    confirmed = true;
                }
                line.setLength(0);
            }
        } catch (IOException e) {
            // the next tick finds out, too
        }
    }

    private void tick() throws IOException {
        long now = System.nanoTime();
        while (!pending.isEmpty() && now - pending.peek().due >= 0) {
            inForce(pending.poll());
        }
        for (Route.Member member = asked.poll(); member != null; member = asked.poll()) {
            await(member, null);
            register(member);
        }
        int left = perTick;
        while (!passing.isEmpty() && now - passing.peek().until >= 0) {
            Route gone = passing.poll().route;
            await(null, gone);
            for (Route.Member member : gone.members) {
                member.wanted = false;
                member.registeredSince = Instance.NEVER;
            }
            for (Route.Member member : gone.members) {
                unregister(member);
                left--;
            }
        }
        for (int i = 0; i < perTick / 10; i++) {
            come(now);
            left -= 2;
        }
        toggle();
        left--;
        for (; left > 0; left--) {
            Route.Member member = members.get(next++ % members.size());
            if (member.wanted) {
                register(member);
            }
        }
    }

    /** What was pending is in force, unless it may not have been heard. */
    private void inForce(Pending one) throws IOException {
        if (one.connection != connection) {
            repeat(one);
            await(one.member, one.gone);
        } else if (one.gone != null) {
            one.gone.goneSince = System.nanoTime();
        } else if (one.member.wanted) {
            one.member.registeredSince = System.nanoTime();
        }
    }

    private void repeat(Pending one) {
        try {
            if (one.gone != null) {
                for (Route.Member member : one.gone.members) {
                    unregister(member);
                }
            } else if (one.member.wanted) {
                register(one.member);
            }
        } catch (IOException e) {
            // the connection is gone: what is pending will be repeated on the next
        }
    }

    private void await(Route.Member member, Route gone) {
        pending.add(new Pending(member, gone, connection, System.nanoTime() + IN_FORCE));
    }

    /** A route that lives for four seconds. */
    private void come(long now) throws IOException {
        var random = ThreadLocalRandom.current();
        int first = random.nextInt(instances.size());
        Instance one = instances.get(first);
        Instance two = instances.get((first + 1 + random.nextInt(instances.size() - 1)) % instances.size());
        var route = new Route("passing-" + made++ + ".soak.test", List.of(one, two));
        for (Route.Member member : route.members) {
            await(member, null);
            register(member);
        }
        passing.add(new Passing(route, now + 4_000_000_000L));
        List<Route> all = new ArrayList<>(recent);
        all.add(route);
        recent = List.copyOf(all.subList(Math.max(0, all.size() - 1000), all.size()));
    }

    /** One instance of a route leaves it, one that left before comes back. */
    private void toggle() throws IOException {
        Route route = routes.get(ThreadLocalRandom.current().nextInt(routes.size()));
        if (route.members.stream().allMatch(member -> member.wanted)) {
            Route.Member leaving = route.members.get(ThreadLocalRandom.current().nextInt(route.members.size()));
            leaving.registeredSince = Instance.NEVER;
            leaving.wanted = false;
            unregister(leaving);
            away.add(leaving);
        }
        if (away.size() > 40) {
            Route.Member back = away.poll();
            back.wanted = true;
            await(back, null);
            register(back);
        }
    }

    private void register(Route.Member member) throws IOException {
        publish("router.register", member);
    }

    private void unregister(Route.Member member) throws IOException {
        publish("router.unregister", member);
    }

    private void publish(String subject, Route.Member member) throws IOException {
        Instance instance = member.instance;
        String message = "{\"host\":\"127.0.0.1\",\"port\":" + instance.port + ",\"uris\":[\"" + member.route.host
                + "\"],\"app\":\"" + member.route.host + "\",\"private_instance_id\":\"i" + instance.port + "\""
                + (instance.tls
                        ? ",\"tls_port\":" + instance.port + ",\"server_cert_domain_san\":\"instance.soak.test\""
                        : "")
                + ",\"stale_threshold_in_seconds\":120}";
        say("PUB " + subject + " " + message.length() + "\r\n" + message + "\r\n");
        changes.increment();
    }

    private void say(String text) throws IOException {
        synchronized (this) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
