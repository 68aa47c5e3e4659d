package org.simclrspark.worker.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.simclrspark.worker.machine.LibtorchLibraries;

/** The gradient of max pooling that GPUs take, on the CPU, beside libtorch's own. */
class MaxPoolCutTest {

  private static final long[] ONE = {1, 1};

  @BeforeAll
  static void load() {
    LibtorchLibraries.load();
  }

  /** Whole numbers: many windows have several maxima, and sums are exact in any order. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 8, 112})
  void agreesWithLibtorchsOwn(int side) {
    try (PointerScope scope = new PointerScope()) {
      Tensor x = wholeNumbers(5, 3, 4, side, side).contiguous(MemoryFormat.ChannelsLast);
      int pooled = (side - 1) / 2 + 1;
      Tensor upstream = wholeNumbers(100, 3, 4, pooled, pooled);

      Tensor leaf = x.clone().set_requires_grad(true);
      MaxPoolCut cut = MaxPoolCut.of(leaf.mul(new Scalar(1)));
      backward(cut.below().mul(new Scalar(1)), upstream);
      cut.backward();

      Tensor expected = x.clone().set_requires_grad(true);
      Tensor own =
          torch.max_pool2d(expected, new long[] {3, 3}, new long[] {2, 2}, ONE, ONE, false);
      backward(own, upstream);
      assertThat(values(cut.below())).containsExactly(values(own));
      assertThat(values(leaf.grad())).containsExactly(values(expected.grad()));
    }
  }

  private static Tensor wholeNumbers(long below, long... shape) {
    return torch.rand(shape).mul(new Scalar(below)).floor();
  }

  private static void backward(Tensor tensor, Tensor upstream) {
    tensor.backward(upstream, new BoolOptional(), false, new TensorArrayRefOptional());
  }

  private static float[] values(Tensor tensor) {
    Tensor flat = tensor.detach().contiguous().view(-1);
    float[] values = new float[Math.toIntExact(flat.numel())];
    new FloatPointer(flat.data_ptr()).get(values);
    return values;
  }
}
