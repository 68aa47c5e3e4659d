package org.simclrspark.worker.machine;

import java.util.List;
import java.util.Map;

/**
 * The vector instructions that all processes of a run are held to. On the same ones processors of
 * several kinds compute the same bits: oneDNN chooses its kernels by them, the vector API its
 * lengths, OpenBLAS its core, libtorch its own. All of these read them when their process starts.
 */
public enum Isa {
  /** What each processor has. */
  NATIVE(Map.of(), List.of(), List.of()),
  /** AVX2 and FMA. */
  AVX2(
      Map.of(
          "DNNL_MAX_CPU_ISA", "AVX2",
          "OPENBLAS_CORETYPE", "Haswell",
          "ATEN_CPU_CAPABILITY", "avx2"),
      List.of("-XX:UseAVX=2"),
      List.of("avx2", "fma")),
  /** AVX-512 as servers have it. */
  AVX512(
      Map.of(
          "DNNL_MAX_CPU_ISA", "AVX512_CORE",
          "OPENBLAS_CORETYPE", "SkylakeX",
          "ATEN_CPU_CAPABILITY", "avx512"),
      List.of("-XX:UseAVX=3"),
      List.of("avx512f", "avx512bw", "avx512vl", "avx512dq"));

  private static final String VARIABLE = "DNNL_MAX_CPU_ISA";

  private final Map<String, String> environment;
  private final List<String> javaOptions;
  private final List<String> flags;

  Isa(Map<String, String> environment, List<String> javaOptions, List<String> flags) {
    this.environment = environment;
    this.javaOptions = javaOptions;
    this.flags = flags;
  }

  /** The one that this process was started with. */
  public static Isa current() {
    String set = System.getenv(VARIABLE);
    for (Isa isa : values()) {
      if (set != null && set.equals(isa.environment.get(VARIABLE))) {
        return isa;
      }
    }
    return NATIVE;
  }

  /** Variables that a process must be started with. */
  public Map<String, String> environment() {
    return environment;
  }

  /** Options that its JVM must be started with. */
  public List<String> javaOptions() {
    return javaOptions;
  }

  /** Features that its processor must have. */
  List<String> flags() {
    return flags;
  }
}
