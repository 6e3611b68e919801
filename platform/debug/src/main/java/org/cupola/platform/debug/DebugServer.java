package org.cupola.platform.debug;

import com.linecorp.armeria.server.ServerBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.http.HttpServer;
import org.cupola.platform.lifecycle.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The debug server of a component, at the address its configuration calls {@code debug_address}: {@code /log-level},
 * {@code /debug/pprof/…}, and what the component adds, as its {@code /metrics}. It asks nobody who he is, so configurations
 * read its address by {@code ConfigReader.loopbackAddress}.
 */
public final class DebugServer implements Component {
    private static final Logger log = LoggerFactory.getLogger(DebugServer.class);

    private final HttpServer server;
    private final ProfileService profiles = new ProfileService();

    /**
     * @param component the component's name
     * @param own       adds what only this component has
     */
    public DebugServer(String component, InetSocketAddress address, Consumer<ServerBuilder> own) {
        server = new HttpServer(component + "-debug", HttpListener.plain(address), services -> {
            LogLevelService.addTo(services);
            profiles.addTo(services);
            services.requestTimeout(Duration.ZERO); // a profile takes as long as its reader asked
            own.accept(services);
        });
    }

    public DebugServer(String component, InetSocketAddress address) {
        this(component, address, services -> {});
    }

    @Override
    public String name() {
        return server.name();
    }

    @Override
    public void start() throws Exception {
        server.start();
    }

    /** As the originals do whose debug server is no condition of their start: a failure is logged, and that is all. */
    public void startOrLog() throws InterruptedException {
        try {
            start();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            log.atError().addKeyValue("server", name()).setCause(e).log("failed-to-start-debug-server");
        }
    }

    /** The port in use; asks for a started server. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        profiles.close();
        server.close();
    }
}
