import java.security.cert.X509Certificate;
import java.time.LocalTime;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;

/** What all clients share, and the judgement of what became of a request. */
final class Load {
    final Tally tally = new Tally();
    final List<Route> routes;
    final Registrar registrar;
    final SSLSocketFactory tlsSockets;
    final int port;
    final int tlsPort;
    volatile boolean stop;
    volatile long intervalNanos;

    /** Whether failures count: not while it warms up. */
    volatile boolean judging;

    volatile String certificate = "";

    Load(List<Route> routes, Registrar registrar, SSLSocketFactory tlsSockets, int port, int tlsPort) {
        this.routes = routes;
        this.registrar = registrar;
        this.tlsSockets = tlsSockets;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /** The certificate that a new connection was shown. */
    void shown(X509Certificate presented) {
        certificate = presented.getSubjectX500Principal().getName();
    }

    /**
     * @param head  of the response, {@code null} without one
     * @param error why there is no whole response, empty when there is one
     */
    void judge(Route route, long begun, boolean upload, Head head, String token, String error) {
        tally.answered.increment();
        if (!judging) {
            return;
        }
        String status = head == null ? "" : head.firstWord(1);
        if (status.equals("200") && error.isEmpty()) {
            if (route.goneSince <= begun) {
                tally.failed("stale route answered", describe(route, head, token, error));
            }
            return;
        }
        String why = head == null ? error : head.value("x-cf-routererror");
        if (status.equals("200")) {
            if (route.hadFaultSince(begun, head.value("x-instance"))) {
                tally.expected("cut off in the response by a dying instance");
            } else {
                tally.failed("cut off though the instance lived", describe(route, head, token, error));
            }
        } else if (status.equals("404") && route.goneSince <= begun) {
            tally.expected("route that is gone");
        } else if (!route.wasServedSince(begun)) {
            tally.expected("no instance was healthy all the time: " + (status.isEmpty() ? "no answer" : status));
            if (status.isEmpty()) {
                tally.failed("no answer at all", describe(route, null, token, error));
            }
        } else if (upload && status.equals("502") && isBroken(why) && route.hadFaultSince(begun)) {
            tally.expected("POST that a dying instance may have taken");
        } else {
            tally.failed(
                    (status.isEmpty() ? "no answer" : status) + " though an instance was healthy",
                    describe(route, head, token, error));
        }
    }

    private static boolean isBroken(String error) {
        return error.contains("EOF") || error.contains("reset") || error.contains("broken pipe");
    }

    String describe(Route route, Head head, String token, String error) {
        var text = new StringBuilder(LocalTime.now() + " " + route.host + " " + token);
        if (head != null) {
            text.append(" ").append(head.firstWord(1)).append(" instance ").append(head.value("x-instance"));
            text.append(" router error ").append(head.value("x-cf-routererror"));
        }
        text.append(" ").append(error).append(";");
        long now = System.nanoTime();
        for (Route.Member member : route.members) {
            text.append(" ").append(member.instance.port).append(member.instance.tls ? "(TLS)" : "");
            text.append(" ").append(member.instance.fault);
            text.append(" healthy ").append(age(member.instance.healthySince, now));
            text.append(" registered ").append(age(member.registeredSince, now));
        }
        return text.toString();
    }

    private static String age(long since, long now) {
        return since == Instance.NEVER ? "-" : (now - since) / 1_000_000 + "ms";
    }
}
