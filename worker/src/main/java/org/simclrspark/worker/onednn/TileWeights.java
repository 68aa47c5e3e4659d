package org.simclrspark.worker.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cdab;
import static org.bytedeco.dnnl.global.dnnl.dnnl_hwio;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;

import java.nio.FloatBuffer;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.simclrspark.worker.network.Network;
import org.simclrspark.worker.winograd.WinogradConvolution;

/** A convolution by tiles, and the way of its weights to it. */
final class TileWeights implements AutoCloseable {

  final WinogradConvolution convolution;
  private final Buffer buffer;
  private final FloatBuffer ordered;
  private final dnnl_memory inByOut;
  private final dnnl_memory outByIn;
  private final Reorder toInByOut;
  private final Reorder toOutByIn;

  /** Makes it without values, for weights that lie in {@code plain}. */
  TileWeights(Network.Convolution operation, dnnl_memory_desc plainFormat, dnnl_memory plain) {
    int in = Shapes.blocked(operation.in());
    int out = Shapes.blocked(operation.out());
    int kernel = operation.kernel();
    convolution = new WinogradConvolution(in, out, operation.in().side());
    long bytes = (long) kernel * kernel * in * out * Float.BYTES;
    buffer = new Buffer(bytes);
    ordered = buffer.view(0, bytes).asFloatBuffer();
    dnnl_memory_desc inByOutFormat = format(operation);
    dnnl_memory_desc outByInFormat = OneDnn.description(dnnl_cdab, out, in, kernel, kernel);
    inByOut = OneDnn.memory(inByOutFormat, buffer.at(0));
    outByIn = OneDnn.memory(outByInFormat, buffer.at(0));
    toInByOut = new Reorder(plainFormat, plain, inByOutFormat, inByOut);
    toOutByIn = new Reorder(plainFormat, plain, outByInFormat, outByIn);
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
    convolution.load(ordered, self.tiles);
    toOutByIn.execute(self.stream);
    convolution.loadTransposed(ordered, self.tiles);
  }

  @Override
  public void close() {
    toInByOut.close();
    toOutByIn.close();
    dnnl_memory_destroy(inByOut);
    dnnl_memory_destroy(outByIn);
    buffer.close();
  }
}
