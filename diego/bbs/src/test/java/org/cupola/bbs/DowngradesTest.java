package org.cupola.bbs;

import static org.assertj.core.api.Assertions.assertThat;

import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.TimeoutAction;
import org.junit.jupiter.api.Test;

class DowngradesTest {
    private static final ImageLayer SHARED = ImageLayer.newBuilder()
            .setName("shared")
            .setUrl("http://s")
            .setDestinationPath("/s")
            .setLayerType(ImageLayer.Type.SHARED)
            .setMediaType(ImageLayer.MediaType.TGZ)
            .build();
    private static final ImageLayer EXCLUSIVE = ImageLayer.newBuilder()
            .setName("droplet")
            .setUrl("http://e")
            .setDestinationPath("/e")
            .setLayerType(ImageLayer.Type.EXCLUSIVE)
            .setMediaType(ImageLayer.MediaType.TGZ)
            .setDigestAlgorithm(ImageLayer.DigestAlgorithm.SHA256)
            .setDigestValue("abc")
            .build();
    private static final DesiredLRP LAYERED = Lrps.desired("p", 1).toBuilder()
            .setLegacyDownloadUser("vcap")
            .addImageLayers(SHARED)
            .addImageLayers(EXCLUSIVE)
            .addCachedDependencies(CachedDependency.newBuilder().setFrom("f").setTo("t"))
            .build();

    @Test
    void sharedLayersBecomeCachedDependencies() {
        DesiredLRP old = Downgrades.withoutLayers(LAYERED);

        assertThat(old.getImageLayersList()).isEmpty();
        assertThat(old.getCachedDependenciesList())
                .containsExactly(
                        CachedDependency.newBuilder()
                                .setName("shared")
                                .setFrom("http://s")
                                .setTo("/s")
                                .setCacheKey("http://s")
                                .build(),
                        CachedDependency.newBuilder().setFrom("f").setTo("t").build());
    }

    @Test
    void exclusiveLayersBecomeDownloadsBeforeEverythingElse() {
        DownloadAction download = DownloadAction.newBuilder()
                .setArtifact("droplet")
                .setFrom("http://e")
                .setTo("/e")
                .setCacheKey("sha256:abc")
                .setUser("vcap")
                .setChecksumAlgorithm("sha256")
                .setChecksumValue("abc")
                .build();

        DesiredLRP alone = Downgrades.withoutLayers(LAYERED);
        DesiredLRP before =
                Downgrades.withoutLayers(LAYERED.toBuilder().setSetup(Lrps.RUN).build());

        assertThat(alone.getSetup().getParallelAction().getActionsList())
                .extracting(Action::getDownloadAction)
                .containsExactly(download);
        assertThat(before.getSetup().getSerialAction().getActions(0)).isEqualTo(alone.getSetup());
        assertThat(before.getSetup().getSerialAction().getActions(1)).isEqualTo(Lrps.RUN);
    }

    @Test
    void versionZeroKnowsNeitherCachedDependenciesNorMilliseconds() {
        var timeout = Action.newBuilder()
                .setTimeoutAction(TimeoutAction.newBuilder().setAction(Lrps.RUN).setTimeoutMs(5))
                .build();

        DesiredLRP old = Downgrades.versionZero(
                LAYERED.toBuilder().setAction(timeout).setStartTimeoutMs(61_500).build());

        assertThat(old.getCachedDependenciesList()).isEmpty();
        assertThat(old.getSetup()
                        .getSerialAction()
                        .getActions(0)
                        .getParallelAction()
                        .getActionsList())
                .hasSize(2);
        assertThat(old.getAction().getTimeoutAction().getDeprecatedTimeoutNs()).isEqualTo(5_000_000);
        assertThat(old.getDeprecatedStartTimeoutS()).isEqualTo(61);
    }
}
