package org.cupola.launcher.up;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.cupola.auctioneer.AuctioneerComponent;
import org.cupola.auctioneer.AuctioneerConfig;
import org.cupola.bbs.BbsComponent;
import org.cupola.bbs.BbsConfig;
import org.cupola.blobstore.BlobstoreComponent;
import org.cupola.blobstore.BlobstoreConfig;
import org.cupola.cloudcontroller.CloudControllerComponent;
import org.cupola.cloudcontroller.CloudControllerConfig;
import org.cupola.gorouter.GorouterComponent;
import org.cupola.gorouter.GorouterConfig;
import org.cupola.loadbalancer.LoadBalancerComponent;
import org.cupola.loadbalancer.LoadBalancerConfig;
import org.cupola.locket.LocketComponent;
import org.cupola.locket.LocketConfig;
import org.cupola.loggregator.LoggregatorComponent;
import org.cupola.loggregator.LoggregatorConfig;
import org.cupola.nats.NatsComponent;
import org.cupola.nats.NatsConfig;
import org.cupola.rep.RepComponent;
import org.cupola.rep.RepConfig;
import org.cupola.routeemitter.RouteEmitterComponent;
import org.cupola.routeemitter.RouteEmitterConfig;
import org.cupola.routeregistrar.RouteRegistrarComponent;
import org.cupola.routeregistrar.RouteRegistrarConfig;
import org.cupola.routingapi.RoutingApiComponent;
import org.cupola.routingapi.RoutingApiConfig;
import org.cupola.tcprouter.TcpRouterComponent;
import org.cupola.tcprouter.TcpRouterConfig;
import org.cupola.uaa.UaaComponent;
import org.cupola.uaa.UaaConfig;

/** Which components the platform consists of, from which file each is made, and what must run before what. */
final class PlatformComponents {
    private final Path config;
    private final Clock clock;

    PlatformComponents(Path config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** In starting order; those of one wave need only the waves before. */
    List<List<Slot>> waves() {
        return List.of(
                List.of(
                        new Slot("nats", () -> new NatsComponent(NatsConfig.read(file("nats.conf")), clock)),
                        new Slot("locket", () -> new LocketComponent(LocketConfig.read(file("locket.json")), clock)),
                        new Slot("uaa", () -> new UaaComponent(UaaConfig.read(file("uaa.yml")), clock)),
                        new Slot(
                                "blobstore",
                                () -> new BlobstoreComponent(BlobstoreConfig.read(file("blobstore.yml")), clock)),
                        new Slot(
                                "loggregator",
                                () -> new LoggregatorComponent(
                                        LoggregatorConfig.read(file("loggregator.yml")), clock))),
                List.of(
                        new Slot("bbs", () -> new BbsComponent(BbsConfig.read(file("bbs.json")), clock)),
                        new Slot(
                                "routing-api",
                                () -> new RoutingApiComponent(
                                        RoutingApiConfig.read(file("routing-api.yml"), PlatformSettings.HOST, false),
                                        clock)),
                        new Slot("gorouter", () -> new GorouterComponent(GorouterConfig.read(file("gorouter.yml")))),
                        new Slot(
                                "auctioneer",
                                () -> new AuctioneerComponent(AuctioneerConfig.read(file("auctioneer.json")))),
                        new Slot(
                                "cloud-controller",
                                () -> new CloudControllerComponent(
                                        CloudControllerConfig.read(file("cloud_controller.yml")), clock))),
                List.of(
                        new Slot("rep", () -> new RepComponent(RepConfig.read(file("rep.json")), clock)),
                        new Slot(
                                "tcp-router",
                                () -> new TcpRouterComponent(TcpRouterConfig.read(file("tcp-router.yml")), clock)),
                        new Slot(
                                "route-emitter",
                                () -> new RouteEmitterComponent(
                                        RouteEmitterConfig.read(file("route-emitter.json")), clock)),
                        new Slot(
                                "route-registrar",
                                () -> new RouteRegistrarComponent(
                                        RouteRegistrarConfig.read(file("route-registrar.json")), clock)),
                        new Slot(
                                "load-balancer",
                                () -> new LoadBalancerComponent(
                                        LoadBalancerConfig.read(file("load-balancer.yml")), clock))));
    }

    private Path file(String name) {
        return config.resolve(name);
    }
}
