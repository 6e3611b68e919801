package org.cupola.rep.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.UploadAction;
import org.cupola.rep.container.TarBuilder;
import org.junit.jupiter.api.Test;

/** What containers are given from elsewhere, and what is taken from them. */
class ExecutorArtifactsTest extends ExecutorFixture {
    @Test
    void artifactsAreDownloadedUnpackedAndUploaded() throws Exception {
        var uploaded = new CopyOnWriteArrayList<String>();
        var server = com.sun.net.httpserver.HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 10);
        byte[] droplet = new TarBuilder().file("app/hello", "from the droplet").build();
        server.createContext("/droplet", exchange -> {
            exchange.getResponseHeaders().add("ETag", "\"d\"");
            exchange.sendResponseHeaders(200, droplet.length);
            exchange.getResponseBody().write(droplet);
            exchange.close();
        });
        server.createContext("/upload", exchange -> {
            uploaded.add(exchange.getRequestHeaders().getFirst("Content-MD5") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Digest") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(uploaded.size() == 1 ? 500 : 201, -1);
            exchange.close();
        });
        server.start();
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        try {
            reserve("c1");
            Action download = Action.newBuilder()
                    .setDownloadAction(DownloadAction.newBuilder()
                            .setArtifact("droplet")
                            .setFrom(base + "/droplet")
                            .setTo(".")
                            .setUser("vcap")
                            .setCacheKey("droplet-1"))
                    .build();
            Action upload = Action.newBuilder()
                    .setUploadAction(UploadAction.newBuilder()
                            .setArtifact("copy")
                            .setFrom("/tmp/copy")
                            .setTo(base + "/upload")
                            .setUser("vcap"))
                    .build();
            Action all = Action.newBuilder()
                    .setSerialAction(org.cupola.protocol.bbs.proto.SerialAction.newBuilder()
                            .addActions(shell("cp app/hello $TMPDIR/copy; cat $TMPDIR/../etc/tools/app/hello"))
                            .addActions(upload))
                    .build();
            var dependency = CachedDependency.newBuilder()
                    .setName("tools")
                    .setFrom(base + "/droplet")
                    .setTo("/etc/tools")
                    .build();
            executor.run(request("c1", Optional.of(download), all, List.of(dependency), List.of(), List.of()));

            assertThat(awaitResult("c1")).isEqualTo(RunResult.success(false));
            assertThat(uploaded).hasSize(2).allMatch(line -> line.endsWith(" from the droplet"));
            assertThat(uploaded.getFirst()).contains("sha-256=:");
            assertThat(log.lines())
                    .contains(
                            "CELL OUT Downloading tools...",
                            "CELL OUT Downloading droplet...",
                            "CELL OUT Downloaded droplet (" + ByteSize.format(droplet.length) + ")",
                            "APP OUT from the droplet",
                            "CELL OUT Uploaded copy (16B)");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aDependencyThatCannotBeHadFailsBeforeAnythingRuns() throws Exception {
        reserve("c1");
        var dependency = CachedDependency.newBuilder()
                .setName("tools")
                .setFrom("ftp://nowhere/tools.tgz")
                .setTo("/etc/tools")
                .build();
        executor.run(request("c1", Optional.empty(), shell("true"), List.of(dependency), List.of(), List.of()));

        assertThat(awaitResult("c1"))
                .isEqualTo(new RunResult(true, "failed to download cached artifacts", true, false));
        assertThat(log.lines()).contains("CELL ERR Downloading tools failed");
    }
}
