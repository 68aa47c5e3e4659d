package org.simclrspark.worker.dl4j;

import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonIgnoreProperties;
import org.simclrspark.worker.network.EncoderSettings;
import org.simclrspark.worker.network.EncoderSettings.Initialization;
import org.simclrspark.worker.network.Network;

/**
 * The configuration of a Deeplearning4j layer that is a whole encoder in inference mode: [n, 3,
 * size, size] in, h out. Its one parameter holds the encoder's flat parameters, then its running
 * statistics.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public final class EncoderLayer extends FeedForwardLayer {

  private static final long serialVersionUID = 1;

  private int depth;
  private double width;
  private String stem;
  private String norm;
  private int imageSize;
  private int threads;

  /** For JSON. */
  public EncoderLayer() {}

  EncoderLayer(EncoderSettings settings, int threads) {
    this.depth = settings.depth();
    this.width = settings.width();
    this.stem = settings.stem().name();
    this.norm = settings.norm().name();
    this.imageSize = settings.imageSize();
    this.threads = threads;
    setNOut(network().features().channels());
    setNIn(3);
    setLayerName("h");
  }

  /** The encoder's settings, without a head. */
  @JsonIgnore
  EncoderSettings settings() {
    return new EncoderSettings(
        depth,
        width,
        EncoderSettings.Stem.valueOf(stem),
        EncoderSettings.Norm.valueOf(norm),
        imageSize,
        false,
        Initialization.SIMCLR,
        0,
        0,
        0);
  }

  @JsonIgnore
  Network network() {
    return new Network(settings());
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    EncoderLayerRuntime layer = new EncoderLayerRuntime(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    Map<String, INDArray> table = initializer().init(conf, parameters, initialise);
    layer.setParamTable(table);
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return new EncoderParameters();
  }

  @Override
  public InputType getOutputType(int index, InputType input) {
    return InputType.feedForward(nOut);
  }

  @Override
  public void setNIn(InputType input, boolean override) {
    nIn = 3;
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType input) {
    return null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType input) {
    long parameters = initializer().numParams(this);
    return new LayerMemoryReport.Builder(
            getLayerName(), EncoderLayer.class, input, getOutputType(0, input))
        .standardMemory(parameters, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  public int getDepth() {
    return depth;
  }

  public void setDepth(int depth) {
    this.depth = depth;
  }

  public double getWidth() {
    return width;
  }

  public void setWidth(double width) {
    this.width = width;
  }

  public String getStem() {
    return stem;
  }

  public void setStem(String stem) {
    this.stem = stem;
  }

  public String getNorm() {
    return norm;
  }

  public void setNorm(String norm) {
    this.norm = norm;
  }

  public int getImageSize() {
    return imageSize;
  }

  public void setImageSize(int imageSize) {
    this.imageSize = imageSize;
  }

  public int getThreads() {
    return threads;
  }

  public void setThreads(int threads) {
    this.threads = threads;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EncoderLayer layer
        && super.equals(other)
        && threads == layer.threads
        && settings().equals(layer.settings());
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + settings().hashCode();
  }
}
