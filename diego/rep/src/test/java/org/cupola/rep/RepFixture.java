package org.cupola.rep;

import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.cupola.platform.http.HttpClients;
import org.cupola.platform.http.HttpListener;
import org.cupola.platform.json.Json;
import org.cupola.platform.testing.TestCertificates;
import org.cupola.platform.tls.TlsIdentity;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.RepClient;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.HTTPCheck;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.testing.TestLocket;
import org.cupola.rep.executor.RecordingLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A rep with a BBS, a Locket and real containers. */
abstract class RepFixture {
    static final String SERVER = """
            import com.sun.net.httpserver.HttpServer;
            import java.net.InetSocketAddress;
            public class Server {
                public static void main(String[] arguments) throws Exception {
                    int port = Integer.parseInt(System.getenv("PORT"));
                    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 50);
                    server.createContext("/", exchange -> {
                        byte[] body = (System.getenv("CF_INSTANCE_INDEX") + " " + ProcessHandle.current().pid()).getBytes();
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
                    server.start();
                }
            }
            """;

    @TempDir
    Path folder;

    final RecordingLog log = new RecordingLog();
    TestCertificates certificates;
    TestLocket locket;
    TestBbs bbs;
    RepComponent rep;
    HttpClients clients;
    RepClient client;

    @BeforeEach
    void start() throws Exception {
        certificates = new TestCertificates(folder);
        locket = new TestLocket(HttpListener.mutualTls(
                new InetSocketAddress("127.0.0.1", 0),
                certificates.issue("locket", "127.0.0.1"),
                certificates.authorities()));
        bbs = new TestBbs(certificates);
        certificates.issue("rep", "127.0.0.1");
        TlsIdentity auctioneer = certificates.issue("auctioneer");
        clients = HttpClients.create(auctioneer, certificates.authorities());
        rep = startRep();
    }

    @AfterEach
    void stop() {
        clients.close(); // first, for a server waits for the connections of its clients
        rep.close();
        bbs.close();
        locket.close();
    }

    RepComponent startRep() throws Exception {
        var component = new RepComponent(RepConfig.read(configFile(Map.of())), Clock.systemUTC(), log);
        component.start();
        client = new RepClient(clients, URI.create("https://127.0.0.1:" + component.port()), Duration.ofSeconds(10));
        return component;
    }

    Path configFile(Map<String, Object> more) throws Exception {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("cell_id", "cell-1");
        config.put("zone", "z1");
        config.put("listen_addr", "127.0.0.1:0");
        config.put("listen_addr_securable", "127.0.0.1:0");
        config.put("advertise_address", "127.0.0.1");
        config.put("ca_cert_file", certificates.authorityFile().toString());
        config.put("cert_file", certificates.certificateFile("rep").toString());
        config.put("key_file", certificates.keyFile("rep").toString());
        config.put("bbs_address", bbs.address().toString());
        config.put("locket_address", locket.address());
        config.put("locket_ca_cert_file", certificates.authorityFile().toString());
        config.put(
                "locket_client_cert_file", certificates.certificateFile("rep").toString());
        config.put("locket_client_key_file", certificates.keyFile("rep").toString());
        config.put("preloaded_root_fs", List.of("cflinuxfs4:none"));
        config.put("memory_mb", 1000);
        config.put("disk_mb", 2000);
        config.put("container_dir", folder.resolve("cell").toString());
        config.put("container_host_ip", "127.0.0.1");
        config.put("evacuation_polling_interval", "50ms");
        config.put("evacuation_timeout", "10s");
        config.put(
                "container_environment",
                Map.of("PATH", Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin"));
        config.putAll(more);
        Path file = folder.resolve("rep.json");
        Files.writeString(file, Json.text(config));
        return file;
    }

    static CellLrp lrp(String process, int index, int memoryMb) {
        return new CellLrp(
                "", process, index, "cf-apps", List.of(), List.of(), "preloaded:cflinuxfs4", memoryMb, 64, 0, "");
    }

    void desire(String process, String script, boolean checked) {
        var desired = DesiredLRP.newBuilder()
                .setProcessGuid(process)
                .setDomain("cf-apps")
                .setRootFs("preloaded:cflinuxfs4")
                .setLogGuid("app")
                .putMetricTags(
                        "source_id",
                        MetricTagValue.newBuilder().setStatic("app").build())
                .putMetricTags(
                        "instance_id",
                        MetricTagValue.newBuilder()
                                .setDynamic(MetricTagValue.DynamicValue.INDEX)
                                .build())
                .setLogSource("CELL")
                .addPorts(8080)
                .setAction(Action.newBuilder()
                        .setRunAction(RunAction.newBuilder()
                                .setPath("/bin/sh")
                                .addAllArgs(List.of("-c", script))
                                .setUser("vcap")
                                .setLogSource("APP/PROC/WEB")
                                .addEnv(EnvironmentVariable.newBuilder()
                                        .setName("PORT")
                                        .setValue("8080"))));
        if (checked) {
            desired.setCheckDefinition(CheckDefinition.newBuilder()
                    .addChecks(Check.newBuilder()
                            .setHttpCheck(HTTPCheck.newBuilder().setPort(8080).setPath("/"))));
        }
        bbs.desired.put(process, desired.build());
    }

    StartActualLRPRequest awaitStart() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !bbs.told(StartActualLRPRequest.class).isEmpty());
        return bbs.told(StartActualLRPRequest.class).getLast();
    }

    void awaitEmpty() {
        await().until(() -> client.state().lrps().isEmpty());
    }
}
