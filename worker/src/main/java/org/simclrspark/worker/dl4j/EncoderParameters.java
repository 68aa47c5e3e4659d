package org.simclrspark.worker.dl4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.simclrspark.worker.network.Network;

/** The one parameter of an {@link EncoderLayer}, [1, parameters + statistics]. */
final class EncoderParameters implements ParamInitializer {

  static final String KEY = "W";

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    Network network = ((EncoderLayer) layer).network();
    return (long) network.layout().size() + network.statisticsSize();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return List.of(KEY);
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return List.of(KEY);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return KEY.equals(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray view, boolean initialise) {
    conf.addVariable(KEY);
    if (initialise) {
      view.assign(0);
    }
    return table(view);
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray view) {
    return table(view);
  }

  private static Map<String, INDArray> table(INDArray view) {
    Map<String, INDArray> table = new LinkedHashMap<>();
    INDArray flat = view.reshape(view.length());
    table.put(KEY, flat.get(NDArrayIndex.all()).reshape(1, view.length()));
    return table;
  }
}
