package org.simclrspark.worker.libtorch;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Max pooling, 3x3 with stride 2, where the autograd graph is cut in two: libtorch's own gradient
 * of it adds up on a GPU in the order in which threads arrive.
 *
 * @param above the pooled activation's input, where the first part of the graph ends
 * @param below the pooled activation, where the second part begins
 * @param winners of each window, as 32-bit indices into a channel's pixels
 */
record MaxPoolCut(Tensor above, Tensor below, Tensor winners) implements AutoCloseable {

  private static final int WINDOW = 3;
  private static final int STRIDE = 2;

  /** Pools an activation [views, channels, side, side]; {@link #below} is the result. */
  static MaxPoolCut of(Tensor above) {
    long[] one = {1, 1};
    long[] window = {WINDOW, WINDOW};
    long[] stride = {STRIDE, STRIDE};
    T_TensorTensor_T pooled =
        torch.max_pool2d_with_indices(above.detach(), window, stride, one, one, false);
    Tensor below = pooled.get0().detach();
    below.set_requires_grad(true);
    return new MaxPoolCut(above, below, pooled.get1().detach().to(ScalarType.Int));
  }

  /** Keeps the tensors beyond the scope that made them. */
  void retain() {
    above.retainReference();
    below.retainReference();
    winners.retainReference();
  }

  /** Takes the gradient that has arrived below through the pooling and on. */
  void backward() {
    above.backward(gradientAbove(), new BoolOptional(), false, new TensorArrayRefOptional());
  }

  /** Each pixel's gradient is the sum over the windows that it has won, window by window. */
  private Tensor gradientAbove() {
    Tensor gradient = below.grad();
    long side = above.size(2);
    long outSide = below.size(2);
    long padded = STRIDE * (outSide - 1) + WINDOW;
    long border = Math.max(padded, side + 1);
    Tensor sum =
        torch.constant_pad_nd(
            above.detach().mul(new Scalar(0.0)), 1, border - side, 1, border - side);
    Tensor corner = corners(side, outSide).to(ScalarType.Int);
    for (int k = 0; k < WINDOW * WINDOW; k++) {
      long row = k / WINDOW;
      long column = k % WINDOW;
      Tensor lost = winners.ne(corner.add(new Scalar(row * side + column)));
      Tensor part = every(every(sum, 2, row, outSide), 3, column, outSide);
      part.add_(gradient.masked_fill(lost, new Scalar(0.0)));
    }
    return sum.narrow(2, 1, side).narrow(3, 1, side);
  }

  /** Index of the first pixel of each window, which may lie in the padding: [outSide, outSide]. */
  private Tensor corners(long side, long outSide) {
    Tensor steps =
        torch
            .ones_like(winners.select(0, 0).select(0, 0).select(1, 0))
            .cumsum(0)
            .sub(new Scalar(1))
            .mul(new Scalar(STRIDE))
            .sub(new Scalar(1));
    return steps.view(outSide, 1).mul(new Scalar(side)).add(steps.view(1, outSide));
  }

  private static Tensor every(Tensor x, long dimension, long from, long count) {
    LongOptional end = new LongOptional(from + STRIDE * (count - 1) + 1);
    return x.slice(dimension, new LongOptional(from), end, STRIDE);
  }

  @Override
  public void close() {
    above.close();
    below.close();
    winners.close();
  }
}
