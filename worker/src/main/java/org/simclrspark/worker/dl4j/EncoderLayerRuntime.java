package org.simclrspark.worker.dl4j;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.simclrspark.worker.Engines;

/** Runs an {@link EncoderLayer} on an engine of this JVM. */
final class EncoderLayerRuntime extends BaseLayer<EncoderLayer> {

  private static final long serialVersionUID = 1;

  EncoderLayerRuntime(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    int count = Math.toIntExact(input.size(0));
    float[] views = FloatArrays.values(input);
    EncoderLayer layer = layerConf();
    float[] h;
    try (Engines.Loan loan = Engines.borrow(layer.settings(), layer.getThreads())) {
      float[] values = FloatArrays.values(getParam(EncoderParameters.KEY));
      int split = loan.engine().parameters().size();
      loan.engine().load(Arrays.copyOf(values, split));
      h = loan.engine().features(views, count, Arrays.copyOfRange(values, split, values.length));
    }
    INDArray out = FloatArrays.array(h, count, layer.getNOut());
    return workspaces.leverageTo(ArrayType.ACTIVATIONS, out);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    throw new UnsupportedOperationException(
        "An EncoderLayer computes features only; use EncoderGraph.portable to train further");
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
