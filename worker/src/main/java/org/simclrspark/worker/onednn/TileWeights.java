package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cdab;
import static org.bytedeco.dnnl.global.dnnl.dnnl_hwio;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.winograd.WinogradConvolution;

/**
 * A convolution by tiles, and the way of its weights to it. They are transformed when training
 * needs them first: inference does not.
 */
final class TileWeights implements AutoCloseable {

  final WinogradConvolution convolution;
  private final Buffer buffer;
  private final FloatBuffer inByOut;
  private final FloatBuffer outByIn;
  private final dnnl_memory inByOutMemory;
  private final dnnl_memory outByInMemory;
  private final Reorder toInByOut;
  private final Reorder toOutByIn;
  private boolean stale = true;

  /** Makes it without values, for weights that lie in {@code plain}. */
  TileWeights(Network.Convolution operation, dnnl_memory_desc plainFormat, dnnl_memory plain) {
    int in = Shapes.blocked(operation.in());
    int out = Shapes.blocked(operation.out());
    int kernel = operation.kernel();
    convolution = new WinogradConvolution(in, out, operation.in().side());
    long bytes = (long) kernel * kernel * in * out * Float.BYTES;
    long second = Buffer.align(bytes);
    buffer = new Buffer(2 * second);
    inByOut = buffer.view(0, bytes).asFloatBuffer();
    outByIn = buffer.view(second, bytes).asFloatBuffer();
    dnnl_memory_desc inByOutFormat = format(operation);
    dnnl_memory_desc outByInFormat = OneDnn.description(dnnl_cdab, out, in, kernel, kernel);
    inByOutMemory = OneDnn.memory(inByOutFormat, buffer.at(0));
    outByInMemory = OneDnn.memory(outByInFormat, buffer.at(second));
    toInByOut = new Reorder(plainFormat, plain, inByOutFormat, inByOutMemory);
    toOutByIn = new Reorder(plainFormat, plain, outByInFormat, outByInMemory);
    OneDnn.release(inByOutFormat, outByInFormat);
  }

  /** Whether a convolution goes by tiles in training. */
  static boolean suit(Network.Convolution operation) {
    return operation.in().id() != 0
        && WinogradConvolution.suits(
            Shapes.blocked(operation.in()),
            Shapes.blocked(operation.out()),
            operation.kernel(),
            operation.stride(),
            operation.padding());
  }

  /** The format of gradients: [kH, kW, in, out]. */
  static dnnl_memory_desc format(Network.Convolution operation) {
    int kernel = operation.kernel();
    return OneDnn.description(
        dnnl_hwio, Shapes.blocked(operation.out()), Shapes.blocked(operation.in()), kernel, kernel);
  }

  /** Takes the plain weights. */
  void load(Member self) {
    toInByOut.execute(self.stream);
    toOutByIn.execute(self.stream);
    stale = true;
  }

  /** Transforms weights that are new. */
  void prepare(Member self) {
    if (stale) {
      convolution.load(inByOut, self.tiles);
      convolution.loadTransposed(outByIn, self.tiles);
      stale = false;
    }
  }

  @Override
  public void close() {
    toInByOut.close();
    toOutByIn.close();
    dnnl_memory_destroy(inByOutMemory);
    dnnl_memory_destroy(outByInMemory);
    buffer.close();
  }
}
