package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.function.Consumer;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.DesireLRPRequest;
import org.cupola.protocol.bbs.proto.DesireTaskRequest;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPUpdate;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.EnvironmentVariable;
import org.cupola.protocol.bbs.proto.File;
import org.cupola.protocol.bbs.proto.HTTPCheck;
import org.cupola.protocol.bbs.proto.ICMPInfo;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.LogRateLimit;
import org.cupola.protocol.bbs.proto.MetricTagValue;
import org.cupola.protocol.bbs.proto.ParallelAction;
import org.cupola.protocol.bbs.proto.PortRange;
import org.cupola.protocol.bbs.proto.ProtoRoutes;
import org.cupola.protocol.bbs.proto.SecurityGroupRule;
import org.cupola.protocol.bbs.proto.SerialAction;
import org.cupola.protocol.bbs.proto.Sidecar;
import org.cupola.protocol.bbs.proto.TCPCheck;
import org.cupola.protocol.bbs.proto.TimeoutAction;
import org.cupola.protocol.bbs.proto.TryAction;
import org.cupola.protocol.bbs.proto.UpdateDesiredLRPRequest;
import org.cupola.protocol.bbs.proto.VolumeMount;
import org.junit.jupiter.api.Test;

/** The words of each refusal, in the original's order. */
class RulesTest {
    private static String problems(Consumer<Problems> rules) {
        var problems = new Problems();
        rules.accept(problems);
        try {
            problems.refuseIfAny();
            return "";
        } catch (Refusal e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String desired(Consumer<DesiredLRP.Builder> change) {
        var lrp = Lrps.desired("p", 1).toBuilder();
        change.accept(lrp);
        return problems(problems -> DesiredLrpRules.desire(
                DesireLRPRequest.newBuilder().setDesiredLrp(lrp).build(), problems));
    }

    private static String action(Action action) {
        return problems(problems -> ActionRules.check(action, problems));
    }

    private static String egress(Consumer<SecurityGroupRule.Builder> change) {
        var rule = SecurityGroupRule.newBuilder()
                .setProtocol("tcp")
                .addDestinations("10.0.0.0/8")
                .addPorts(80);
        change.accept(rule);
        return problems(problems -> EgressRules.check(rule.build(), problems));
    }

    @Test
    void acceptsWhatIsValid() {
        assertThat(desired(lrp -> {})).isEmpty();
        assertThat(desired(lrp -> lrp.setMaxPids(0)
                        .setLogRateLimit(LogRateLimit.newBuilder().setBytesPerSecond(-1))))
                .isEmpty();
    }

    @Test
    void namesEachFieldOfADesiredLrp() {
        assertThat(problems(problems -> DesiredLrpRules.desire(DesireLRPRequest.getDefaultInstance(), problems)))
                .isEqualTo("Invalid field: desired_lrp");
        assertThat(desired(lrp -> lrp.setDomain(""))).isEqualTo("Invalid field: domain, Invalid field: domain");
        assertThat(desired(lrp -> lrp.setRootFs("no-scheme"))).isEqualTo("Invalid field: rootfs");
        assertThat(desired(lrp -> lrp.setInstances(-1).setMemoryMb(-1).setDiskMb(-1)))
                .isEqualTo("Invalid field: instances, Invalid field: memory_mb, Invalid field: disk_mb");
        assertThat(desired(lrp -> lrp.setLogRateLimit(LogRateLimit.newBuilder().setBytesPerSecond(-2))))
                .isEqualTo("Invalid field: log_rate_limit_bytes_per_second, Invalid field: log_rate_limit");
        assertThat(desired(lrp -> lrp.setAnnotation("x".repeat(10_241)))).isEqualTo("Invalid field: annotation");
        assertThat(desired(lrp -> lrp.setMaxPids(-1))).isEqualTo("Invalid field: max_pids");
        assertThat(desired(lrp ->
                        lrp.setRoutes(ProtoRoutes.newBuilder().putRoutes("a", ByteString.copyFrom(new byte[131_073])))))
                .isEqualTo("Invalid field: routes");
        assertThat(desired(DesiredLRP.Builder::clearMetricTags)).isEqualTo("Invalid field: metric_tags");
        assertThat(desired(lrp -> lrp.putMetricTags("x", MetricTagValue.getDefaultInstance())))
                .isEqualTo("Invalid field: metric_tags, Invalid field: static, Invalid field: dynamic");
        assertThat(desired(lrp -> lrp.setMetricsGuid("other"))).isEqualTo("source_id should match metrics_guid");
        assertThat(desired(lrp -> lrp.setProcessGuid("a/b"))).isEqualTo("Invalid field: process_guid");
        assertThat(desired(lrp -> lrp.addEnvironmentVariables(EnvironmentVariable.getDefaultInstance())))
                .isEqualTo("invalid field: name cannot be blank");
        assertThat(desired(lrp -> lrp.setImageUsername("u"))).isEqualTo("Invalid field: image_password");
        assertThat(desired(lrp -> lrp.setImagePassword("p"))).isEqualTo("Invalid field: image_username");
        assertThat(desired(lrp -> lrp.addVolumeMountedFiles(File.newBuilder().setContent("x".repeat(1_048_577)))))
                .isEqualTo("Invalid field: volumeMountedFiles, Invalid field: volumeMountedFiles");
    }

    @Test
    void namesWhatIsInsideADesiredLrp() {
        assertThat(desired(DesiredLRP.Builder::clearAction)).isEqualTo("invalid action type");
        assertThat(desired(lrp -> lrp.setSetup(Action.getDefaultInstance())))
                .isEqualTo("Invalid field: setup, Invalid field: inner-action");
        assertThat(desired(lrp -> lrp.addCachedDependencies(CachedDependency.getDefaultInstance())))
                .isEqualTo("Invalid field: cached_dependency, Invalid field: from, Invalid field: to");
        assertThat(desired(lrp -> lrp.addSidecars(Sidecar.newBuilder().setMemoryMb(-1))))
                .isEqualTo("Invalid field: sidecars, invalid action type, Invalid field: memory_mb");
        assertThat(desired(lrp -> lrp.addVolumeMounts(VolumeMount.newBuilder().setMode("x"))))
                .isEqualTo("invalid volume_mount driver, invalid volume_mount mode");
        assertThat(desired(lrp -> lrp.setCheckDefinition(CheckDefinition.newBuilder()
                        .addChecks(Check.newBuilder()
                                .setTcpCheck(TCPCheck.newBuilder().setPort(80))
                                .setHttpCheck(HTTPCheck.newBuilder().setPort(80)))
                        .addReadinessChecks(Check.getDefaultInstance()))))
                .isEqualTo("Invalid field: check_definition, Invalid field: check, Invalid field: port");
        assertThat(desired(lrp -> lrp.addImageLayers(ImageLayer.newBuilder()
                        .setUrl("u")
                        .setDestinationPath("d")
                        .setLayerType(ImageLayer.Type.EXCLUSIVE)
                        .setMediaType(ImageLayer.MediaType.TGZ)
                        .setDigestAlgorithm(ImageLayer.DigestAlgorithm.SHA256)
                        .setDigestValue("v"))))
                .isEqualTo("Invalid field: legacy_download_user");
    }

    @Test
    void checksActionsThroughTheirWrappers() {
        assertThat(action(Lrps.RUN)).isEmpty();
        assertThat(action(Action.getDefaultInstance())).isEqualTo("Invalid field: inner-action");
        assertThat(action(Action.newBuilder()
                        .setTimeoutAction(TimeoutAction.getDefaultInstance())
                        .build()))
                .isEqualTo("Invalid field: action, Invalid field: timeout_ms");
        assertThat(action(Action.newBuilder()
                        .setTryAction(TryAction.newBuilder().setAction(Action.getDefaultInstance()))
                        .build()))
                .isEqualTo("Invalid field: inner-action");
        assertThat(action(Action.newBuilder()
                        .setParallelAction(ParallelAction.getDefaultInstance())
                        .build()))
                .isEqualTo("Invalid field: actions");
        assertThat(action(Action.newBuilder()
                        .setSerialAction(SerialAction.newBuilder()
                                .addActions(Lrps.RUN)
                                .addActions(Action.newBuilder()
                                        .setDownloadAction(DownloadAction.newBuilder()
                                                .setFrom("f")
                                                .setTo("t")
                                                .setUser("u")
                                                .setChecksumAlgorithm("crc")
                                                .setChecksumValue("v"))))
                        .build()))
                .isEqualTo("Invalid field: invalid algorithm");
    }

    @Test
    void checksEgressRules() {
        assertThat(egress(rule -> {})).isEmpty();
        assertThat(egress(rule -> rule.setProtocol("sctp"))).isEqualTo("Invalid field: protocol");
        assertThat(egress(SecurityGroupRule.Builder::clearPorts))
                .isEqualTo("Missing required field: ports or port_range");
        assertThat(egress(rule ->
                        rule.setPortRange(PortRange.newBuilder().setStart(2).setEnd(1))))
                .isEqualTo("Invalid: ports and port_range provided, Invalid field: port_range");
        assertThat(egress(rule -> rule.setIcmpInfo(ICMPInfo.getDefaultInstance())))
                .isEqualTo("Invalid field: icmp_info");
        assertThat(egress(rule -> rule.setProtocol("icmpv6").clearPorts())).isEqualTo("Invalid field: icmpv6_info");
        assertThat(egress(rule -> rule.setProtocol("all"))).isEqualTo("Invalid field: ports");
    }

    @Test
    void checksDestinations() {
        for (String good :
                new String[] {"1.2.3.4", "1.2.3.0/24", "1.2.3.4-1.2.3.9", "::1", "fe80::/10", "1.1.1.1, 2.2.2.2"}) {
            assertThat(egress(rule -> rule.clearDestinations().addDestinations(good)))
                    .as(good)
                    .isEmpty();
        }
        for (String bad : new String[] {"", "host.example.com", "1.2.3.4/33", "1.2.3.9-1.2.3.4", "1.2.3"}) {
            assertThat(egress(rule -> rule.clearDestinations().addDestinations(bad)))
                    .isEqualTo("Invalid field: destinations [ Invalid IP " + bad + " ]");
        }
        assertThat(egress(SecurityGroupRule.Builder::clearDestinations))
                .isEqualTo("Invalid field: destinations [ Must have at least 1 destination ]");
    }

    @Test
    void checksUpdates() {
        assertThat(problems(problems -> DesiredLrpRules.update(UpdateDesiredLRPRequest.getDefaultInstance(), problems)))
                .isEqualTo("Invalid field: process_guid, Invalid field: update");
        assertThat(problems(problems -> DesiredLrpRules.update(
                        UpdateDesiredLRPRequest.newBuilder()
                                .setProcessGuid("p")
                                .setUpdate(DesiredLRPUpdate.newBuilder().setInstances(-1))
                                .build(),
                        problems)))
                .isEqualTo("Invalid field: instances");
    }

    @Test
    void checksTasks() {
        assertThat(problems(problems -> RequestRules.desireTask(DesireTaskRequest.getDefaultInstance(), problems)))
                .isEqualTo("Invalid field: task_guid, Invalid field: domain, Invalid field: task_definition");
        assertThat(problems(problems -> RequestRules.desireTask(
                        DesireTaskRequest.newBuilder()
                                .setTaskGuid("t")
                                .setDomain("d")
                                .setTaskDefinition(Lrps.task().toBuilder()
                                        .setMemoryMb(-1)
                                        .addEgressRules(SecurityGroupRule.getDefaultInstance()))
                                .build(),
                        problems)))
                .isEqualTo("Invalid field: memory_mb, Invalid field: egress_rules");
    }

    @Test
    void oneProblemIsEnoughToRefuse() {
        var problems = new Problems();
        problems.field("a");
        problems.field("b");

        assertThatThrownBy(problems::refuseIfAny).hasMessage("Invalid field: a, Invalid field: b");
    }
}
