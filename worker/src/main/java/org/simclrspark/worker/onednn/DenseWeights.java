package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_sgemm;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.simclrspark.worker.network.Network;

/**
 * A dense layer without bias: its weights [out, in], its three products with activations whose rows
 * are padded to whole blocks, and the gradient that each thread of the engine forms.
 */
final class DenseWeights implements AutoCloseable {

  private final Network.Dense operation;
  private final int in;
  private final int out;
  private final int inStride;
  private final int outStride;
  private final Buffer buffer;
  private final FloatPointer weights;
  private final ByteBuffer weightView;
  private final FloatPointer[] gradients;
  private final ByteBuffer[] gradientViews;
  private final int gradientBytes;

  DenseWeights(Network.Dense operation, int members) {
    this.operation = operation;
    in = operation.in().channels();
    out = operation.out().channels();
    inStride = Shapes.padded(in);
    outStride = Shapes.padded(out);
    long bytes = Buffer.align((long) in * out * Float.BYTES);
    gradientBytes = Math.toIntExact(bytes);
    buffer = new Buffer(bytes * (1 + members));
    weights = buffer.at(0);
    weightView = buffer.view(0, bytes);
    gradients = new FloatPointer[members];
    gradientViews = new ByteBuffer[members];
    for (int member = 0; member < members; member++) {
      gradients[member] = buffer.at(bytes * (1 + member));
      gradientViews[member] = buffer.view(bytes * (1 + member), bytes);
    }
  }

  void load(float[] values) {
    weightView.asFloatBuffer().put(values, operation.weight().offset(), in * out);
  }

  /** y [views, out] = x [views, in] W^T. */
  void forward(FloatPointer x, FloatPointer y, int views) {
    OneDnn.check(
        dnnl_sgemm(
            (byte) 'N', (byte) 'T', views, out, in, 1f, x, inStride, weights, in, 0f, y, outStride),
        "multiply matrices");
  }

  /** dx = dy W, and the member's dW = dy^T x. */
  void backward(FloatPointer x, FloatPointer dy, FloatPointer dx, int views, int member) {
    OneDnn.check(
        dnnl_sgemm(
            (byte) 'N',
            (byte) 'N',
            views,
            in,
            out,
            1f,
            dy,
            outStride,
            weights,
            in,
            0f,
            dx,
            inStride),
        "multiply matrices");
    OneDnn.check(
        dnnl_sgemm(
            (byte) 'T',
            (byte) 'N',
            out,
            in,
            views,
            1f,
            dy,
            outStride,
            x,
            inStride,
            0f,
            gradients[member],
            in),
        "multiply matrices");
  }

  /** Adds the members' gradients in their order, and the sum to {@code gradient}. */
  void addGradient(int members, float[] gradient) {
    for (int member = 1; member < members; member++) {
      Kernels.add(gradientViews[0], gradientViews[member], 0, gradientBytes);
    }
    Kernels.add(gradient, operation.weight().offset(), gradientViews[0], 0, in * out);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
