package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_oihw;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.onednn.ConvolutionKernels.WeightFormats;

/**
 * One convolution's weights in the formats of its primitives, with zeros for the padding of
 * channels, and the gradient that each thread of the engine forms.
 */
final class ConvolutionWeights implements AutoCloseable {

  final Network.Convolution operation;
  final WeightFormats formats;
  final dnnl_memory forward;
  final dnnl_memory backwardData;
  final dnnl_memory[] gradients;
  private final Buffer buffer;
  private final Buffer plain;
  private final ByteBuffer plainView;
  private final ByteBuffer[] gradientViews;
  private final int gradientBytes;

  /** Weights of an output channel: those there are, and those with padding. */
  private final int row;

  private final int paddedRow;
  private final dnnl_memory plainMemory;
  private final Reorder toForward;
  private final Reorder toBackwardData;
  private final Reorder fromGradient;

  /** Null where the convolution goes the direct way. */
  final TileWeights tiles;

  /** Makes them without values; closing them frees the formats too. */
  ConvolutionWeights(Network.Convolution operation, WeightFormats formats, int members) {
    this.operation = operation;
    this.formats = formats;
    int kernel = operation.kernel();
    int in = Shapes.blocked(operation.in());
    int out = Shapes.blocked(operation.out());
    row = operation.fanIn();
    paddedRow = in * kernel * kernel;
    plain = new Buffer((long) out * paddedRow * Float.BYTES);
    plainView = plain.view(0, (long) out * paddedRow * Float.BYTES);
    dnnl_memory_desc plainFormat = OneDnn.description(dnnl_oihw, out, in, kernel, kernel);
    plainMemory = OneDnn.memory(plainFormat, plain.at(0));

    boolean shared =
        formats.backwardData() == null || OneDnn.same(formats.forward(), formats.backwardData());
    long forwardBytes = Buffer.align(OneDnn.bytes(formats.forward()));
    long dataBytes = shared ? 0 : Buffer.align(OneDnn.bytes(formats.backwardData()));
    gradientBytes = Math.toIntExact(Buffer.align(OneDnn.bytes(formats.gradient())));
    buffer = new Buffer(forwardBytes + dataBytes + (long) members * gradientBytes);
    forward = OneDnn.memory(formats.forward(), buffer.at(0));
    toForward = new Reorder(plainFormat, plainMemory, formats.forward(), forward);
    if (shared) {
      backwardData = forward;
      toBackwardData = null;
    } else {
      backwardData = OneDnn.memory(formats.backwardData(), buffer.at(forwardBytes));
      toBackwardData = new Reorder(plainFormat, plainMemory, formats.backwardData(), backwardData);
    }
    gradients = new dnnl_memory[members];
    gradientViews = new ByteBuffer[members];
    for (int member = 0; member < members; member++) {
      long offset = forwardBytes + dataBytes + (long) member * gradientBytes;
      gradients[member] = OneDnn.memory(formats.gradient(), buffer.at(offset));
      gradientViews[member] = buffer.view(offset, gradientBytes);
    }
    fromGradient = new Reorder(formats.gradient(), gradients[0], plainFormat, plainMemory);
    tiles =
        TileWeights.suit(operation) ? new TileWeights(operation, plainFormat, plainMemory) : null;
    OneDnn.release(plainFormat);
  }

  /** Takes the weights [out, in, kH, kW] from {@code values}. */
  void load(float[] values, int offset, Member self) {
    FloatBuffer rows = plainView.asFloatBuffer();
    if (rows.capacity() > operation.weight().length()) {
      plain.clear();
    }
    for (int channel = 0; channel < operation.out().channels(); channel++) {
      rows.position(channel * paddedRow);
      rows.put(values, offset + channel * row, row);
    }
    toForward.execute(self.stream);
    if (toBackwardData != null) {
      toBackwardData.execute(self.stream);
    }
    if (tiles != null) {
      tiles.load(self);
    }
  }

  /** Makes what training needs of the weights and inference does not. */
  void prepare(Member self) {
    if (tiles != null) {
      tiles.prepare(self);
    }
  }

  /** The gradient that a member forms, in its format. */
  ByteBuffer gradient(int member) {
    return gradientViews[member];
  }

  /**
   * Adds the members' gradients in their order, and the sum to {@code gradient} as [out, in, kH,
   * kW].
   *
   * @param members that have formed one
   */
  void addGradient(int members, float[] gradient, int offset, Member self) {
    for (int member = 1; member < members; member++) {
      Kernels.add(gradientViews[0], gradientViews[member], 0, gradientBytes);
    }
    fromGradient.execute(self.stream);
    for (int channel = 0; channel < operation.out().channels(); channel++) {
      Kernels.add(gradient, offset + channel * row, plainView, channel * paddedRow, row);
    }
  }

  @Override
  public void close() {
    toForward.close();
    if (toBackwardData != null) {
      toBackwardData.close();
      dnnl_memory_destroy(backwardData);
    }
    fromGradient.close();
    if (tiles != null) {
      tiles.close();
    }
    dnnl_memory_destroy(forward);
    dnnl_memory_destroy(plainMemory);
    for (dnnl_memory gradient : gradients) {
      dnnl_memory_destroy(gradient);
    }
    OneDnn.release(formats.forward(), formats.backwardData(), formats.gradient());
    buffer.close();
    plain.close();
  }
}
