package org.simclrspark.worker.winograd;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;

import jdk.incubator.vector.VectorSpecies;
import org.simclrspark.loss.vector.VectorTypes;

/** The blocks of channels that activations lie in: [views, channels / block, side, side, block]. */
public final class ChannelBlock {

  /** Channels in one block, as oneDNN's kernels take them: 16 with AVX-512, else 8. */
  public static final int SIZE = dnnl_get_effective_cpu_isa() >= dnnl_cpu_isa_avx512_core ? 16 : 8;

  /** At most one block long: oneDNN may be limited to shorter vectors than the JVM. */
  public static final VectorSpecies<Float> SPECIES = VectorTypes.widest(SIZE);

  private ChannelBlock() {}
}
