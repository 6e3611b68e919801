#!/bin/sh
# Benchmarks of what the HTTP router does for one request, without sockets: reading heads, finding routes, writing heads
# and log lines, counting, taking in registrations. Nanoseconds and bytes allocated for each call. Needs Maven and a JDK 25
# in JAVA_HOME or on the PATH.
#
#   bench/jmh.sh [pattern [option of JMH ...]]        such as: bench/jmh.sh LookupBench -f 3 -prof gc
set -eu

home=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
pattern=${1:-org.cupola}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- -prof gc -f 1 -wi 3 -w 1 -i 5 -r 1
cd "$home"
mvn -ntp -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true -pl bench -am package \
  dependency:build-classpath -Dmdep.outputFile="$home/bench/target/classpath" -Dmdep.includeScope=compile
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -cp "$home/bench/target/classes:$(cat "$home/bench/target/classpath")" \
  org.openjdk.jmh.Main "$pattern" "$@"
