/**
 * The way into the platform: load balancers in front of the routers, and a DNS server for the platform's domain.
 *
 * <p>The HTTP load balancer relays connections (layer 4) to the Gorouters, the TCP load balancer those of each port of a
 * range to the same port of a TCP router; both check their backends' health over HTTP, and go on to the next backend
 * when one cannot be connected to. The DNS server answers for whole zones with one address each. Talks to clients over TCP and
 * UDP, to routers over TCP, to their health endpoints over HTTP.
 *
 * <p>Connections are confined to their event loop; health checks run on virtual threads; backends' states are volatile.
 *
 * <p>Configuration, in YAML, each section being optional:
 *
 * <pre>{@code
 * http:
 *   listen: 0.0.0.0:80
 *   backends:
 *   - address: 10.0.0.5:80
 *     health: http://10.0.0.5:8080/health
 *   balance: round-robin          # or least-connection
 *   proxy_protocol: false         # or true (version 1), v1, v2: tells the routers the client's address
 *   max_connections: 10000
 *   connect_timeout: 2s           # per backend
 *   idle_timeout: 15m             # without a byte either way; 0s means never
 *   half_closed_timeout: 1m       # the same once one side has finished sending
 * tcp:
 *   listen_address: 0.0.0.0
 *   port_range: 1024-1123
 *   backends:
 *   - address: 10.0.0.6           # the port is the one the client came to
 *     health: http://10.0.0.6:80/health
 *   # and balance, proxy_protocol, max_connections and the timeouts as above
 * dns:
 *   listen: 0.0.0.0:53            # UDP and TCP
 *   ttl: 60s
 *   zones:
 *   - domain: apps.example.org
 *     address: 192.0.2.1          # or a list: addresses
 * health:
 *   interval: 1s
 *   timeout: 1s
 *   rise: 1                       # good answers until a backend is used
 *   fall: 2                       # bad ones until it is not
 * drain_timeout: 10s
 * }</pre>
 */
@NullMarked
package org.cupola.loadbalancer;

import org.jspecify.annotations.NullMarked;
