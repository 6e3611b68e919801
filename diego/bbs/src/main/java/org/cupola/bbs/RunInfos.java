package org.cupola.bbs;

import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRPRunInfo;
import org.cupola.protocol.bbs.proto.MetricTagValue;

/** The part of a desired LRP that only its containers need, as it is stored, and back. */
final class RunInfos {
    private static final String SOURCE_ID = "source_id";

    private RunInfos() {}

    static DesiredLRPRunInfo of(DesiredLRP lrp, long createdAt) {
        var info = DesiredLRPRunInfo.newBuilder()
                .setDesiredLrpKey(DesiredLRPKey.newBuilder()
                        .setProcessGuid(lrp.getProcessGuid())
                        .setDomain(lrp.getDomain())
                        .setLogGuid(lrp.getLogGuid()))
                .addAllEnvironmentVariables(lrp.getEnvironmentVariablesList())
                .setDeprecatedStartTimeoutS(lrp.getDeprecatedStartTimeoutS())
                .setPrivileged(lrp.getPrivileged())
                .setCpuWeight(lrp.getCpuWeight())
                .addAllPorts(lrp.getPortsList())
                .addAllEgressRules(lrp.getEgressRulesList())
                .setLogSource(lrp.getLogSource())
                .setMetricsGuid(lrp.getMetricsGuid())
                .setCreatedAt(createdAt)
                .addAllCachedDependencies(lrp.getCachedDependenciesList())
                .setLegacyDownloadUser(lrp.getLegacyDownloadUser())
                .setTrustedSystemCertificatesPath(lrp.getTrustedSystemCertificatesPath())
                .addAllVolumeMounts(lrp.getVolumeMountsList())
                .setStartTimeoutMs(lrp.getStartTimeoutMs())
                .setImageUsername(lrp.getImageUsername())
                .setImagePassword(lrp.getImagePassword())
                .addAllImageLayers(lrp.getImageLayersList())
                .addAllSidecars(lrp.getSidecarsList())
                .addAllVolumeMountedFiles(lrp.getVolumeMountedFilesList());
        if (lrp.hasSetup()) {
            info.setSetup(lrp.getSetup());
        }
        if (lrp.hasAction()) {
            info.setAction(lrp.getAction());
        }
        if (lrp.hasMonitor()) {
            info.setMonitor(lrp.getMonitor());
        }
        if (lrp.hasNetwork()) {
            info.setNetwork(lrp.getNetwork());
        }
        if (lrp.hasCertificateProperties()) {
            info.setCertificateProperties(lrp.getCertificateProperties());
        }
        if (lrp.hasCheckDefinition()) {
            info.setCheckDefinition(lrp.getCheckDefinition());
        }
        if (lrp.hasLogRateLimit()) {
            info.setLogRateLimit(lrp.getLogRateLimit());
        }
        return info.build();
    }

    static DesiredLRP.Builder fill(DesiredLRP.Builder lrp, DesiredLRPRunInfo info) {
        lrp.addAllEnvironmentVariables(info.getEnvironmentVariablesList())
                .setDeprecatedStartTimeoutS(info.getDeprecatedStartTimeoutS())
                .setPrivileged(info.getPrivileged())
                .setCpuWeight(info.getCpuWeight())
                .addAllPorts(info.getPortsList())
                .addAllEgressRules(info.getEgressRulesList())
                .setLogSource(info.getLogSource())
                .setMetricsGuid(info.getMetricsGuid())
                .addAllCachedDependencies(info.getCachedDependenciesList())
                .setLegacyDownloadUser(info.getLegacyDownloadUser())
                .setTrustedSystemCertificatesPath(info.getTrustedSystemCertificatesPath())
                .addAllVolumeMounts(info.getVolumeMountsList())
                .setStartTimeoutMs(info.getStartTimeoutMs())
                .setImageUsername(info.getImageUsername())
                .setImagePassword(info.getImagePassword())
                .addAllImageLayers(info.getImageLayersList())
                .addAllSidecars(info.getSidecarsList())
                .addAllVolumeMountedFiles(info.getVolumeMountedFilesList());
        if (info.hasSetup()) {
            lrp.setSetup(info.getSetup());
        }
        if (info.hasAction()) {
            lrp.setAction(info.getAction());
        }
        if (info.hasMonitor()) {
            lrp.setMonitor(info.getMonitor());
        }
        if (info.hasNetwork()) {
            lrp.setNetwork(info.getNetwork());
        }
        if (info.hasCertificateProperties()) {
            lrp.setCertificateProperties(info.getCertificateProperties());
        }
        if (info.hasCheckDefinition()) {
            lrp.setCheckDefinition(info.getCheckDefinition());
        }
        if (info.hasLogRateLimit()) {
            lrp.setLogRateLimit(info.getLogRateLimit());
        }
        return lrp;
    }

    /** The deprecated metrics guid and the tag that superseded it stand for each other. */
    static DesiredLRP.Builder withMatchingMetricsGuid(DesiredLRP.Builder lrp) {
        MetricTagValue tag = lrp.getMetricTagsMap().get(SOURCE_ID);
        if (tag != null && lrp.getMetricsGuid().isEmpty()) {
            return lrp.setMetricsGuid(tag.getStatic());
        }
        if (tag == null && !lrp.getMetricsGuid().isEmpty()) {
            return lrp.putMetricTags(
                    SOURCE_ID,
                    MetricTagValue.newBuilder().setStatic(lrp.getMetricsGuid()).build());
        }
        return lrp;
    }
}
