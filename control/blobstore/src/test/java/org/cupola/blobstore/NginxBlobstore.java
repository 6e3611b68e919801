package org.cupola.blobstore;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.cupola.platform.testing.FreePorts;
import org.cupola.platform.testing.RealParts;

/** nginx with its WebDAV and secure-link modules, set up as the original blobstore sets it up. */
final class NginxBlobstore implements AutoCloseable {
    private final Process process;
    final int port;

    NginxBlobstore(Path directory, String user, String password, String secret) throws IOException {
        Path program = RealParts.require("nginx");
        this.port = FreePorts.next();
        Path root = Files.createDirectories(directory.resolve("store"));
        Files.writeString(directory.resolve("users"), user + ":{PLAIN}" + password + "\n");
        Path config = directory.resolve("nginx.conf");
        Files.writeString(config, """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 64; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  client_max_body_size 0;
                  server {
                    listen 127.0.0.1:%2$d;
                    root %3$s;
                    location /admin/ {
                      auth_basic "Blobstore Admin";
                      auth_basic_user_file %1$s/users;
                      dav_methods DELETE PUT COPY;
                      create_full_put_path on;
                      alias %3$s/;
                    }
                    location /read/ {
                      secure_link $arg_md5,$arg_expires;
                      secure_link_md5 "$secure_link_expires$uri %4$s";
                      if ($secure_link = "") { return 403; }
                      if ($secure_link = "0") { return 410; }
                      alias %3$s/;
                    }
                  }
                }
                """.formatted(directory, port, root, secret));
        this.process = new ProcessBuilder(program.toString(), "-c", config.toString(), "-p", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::accepts);
    }

    private boolean accepts() {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
