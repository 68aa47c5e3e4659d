package org.simclrspark.driver.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;

/** States to save, each with its own bits, and how to tell two apart. */
public final class States {

  private States() {}

  /** The state after a step: the same bits for the same step. */
  public static TrainingState after(long step) {
    return after(step, 1000);
  }

  /** The same with so many parameters. */
  public static TrainingState after(long step, int parameters) {
    return new TrainingState(
        step,
        (int) (step / 10),
        floats(step, parameters),
        floats(step + 1, 40),
        OptimizerState.of(
            step,
            Map.of("momentum", floats(step + 2, parameters), "variance", floats(step + 3, 10))),
        "simclr { train { batch = 64 } } # " + step + " größer\n");
  }

  /** Any bits, NaN with payloads and negative zeros among them. */
  private static float[] floats(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    return values;
  }

  /** Every bit of a state, in hexadecimal sums. */
  public static String bits(TrainingState state) {
    StringBuilder bits = new StringBuilder();
    bits.append(state.step()).append(' ').append(state.epoch()).append(' ');
    bits.append(FloatBytes.sha256(state.parameters())).append(' ');
    bits.append(FloatBytes.sha256(state.runningStatistics())).append(' ');
    bits.append(state.optimizer().updates());
    state
        .optimizer()
        .slots()
        .forEach((name, slot) -> bits.append(name).append(FloatBytes.sha256(slot)));
    return bits.append(state.configuration()).toString();
  }

  public static void assertSame(TrainingState actual, TrainingState expected) {
    assertThat(bits(actual)).isEqualTo(bits(expected));
  }
}
