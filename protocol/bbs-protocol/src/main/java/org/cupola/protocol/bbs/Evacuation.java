package org.cupola.protocol.bbs;

import java.util.Optional;

/**
 * What a draining cell is told about one container.
 *
 * @param keepContainer whether it must go on running; also meaningful beside an error
 */
public record Evacuation(boolean keepContainer, Optional<BbsException> error) {}
