package org.simclrspark.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.augment.AugmentSettings.Blur;

/**
 * Views of fixed draws, boxes, factors, order and sigma, against those of other programs: every
 * operation alone and all together.
 */
class GoldenViewsTest {
  /** Names of the operations in the order of their numbers in {@link Draw}. */
  private static final List<String> OPERATIONS =
      List.of("brightness", "contrast", "saturation", "hue");

  /**
   * TensorFlow rounds places between pixels to 1/1024, which moves a value by up to 0.0015 across
   * an edge of this picture; the jitter multiplies that. Ours does not round.
   */
  @Test
  void simclrIsThePublishedCode() throws IOException {
    assertAgreement("simclr", AugmentSettings.simclr(224), 0.5 / 255, 1.5 / 255);
  }

  /** The blur leaves out taps of less than 1e-5 of the central one. */
  @Test
  void torchvisionIsTorchvision() throws IOException {
    assertAgreement("torchvision", AugmentSettings.torchvision(224), 2e-5, 2e-5);
  }

  /** Pillow rounds to bytes after each of its two passes. */
  @Test
  void torchvisionResizesLikePillow() throws IOException {
    assertAgreement("pillow", AugmentSettings.torchvision(224), 1.01 / 255, 1.01 / 255);
  }

  /**
   * Compares all cases.
   *
   * @param plain tolerance without jitter, values being in [0, 1]
   * @param jittered tolerance with jitter
   */
  private static void assertAgreement(
      String program, AugmentSettings preset, double plain, double jittered) throws IOException {
    float[] expected = Golden.floats(program);
    int compared = 0;
    for (JsonNode view : Golden.json(program)) {
      int size = view.get("size").intValue();
      Augmenter augmenter = new Augmenter(settings(preset, size, view.get("kernel").intValue()));
      Planes found = augmenter.paint(Golden.picture(), draw(view));
      double tolerance = view.get("jitter").booleanValue() ? jittered : plain;
      int offset = view.get("offset").intValue();
      for (int i = 0; i < 3 * size * size; i++) {
        float value = found.values[found.row(i / (size * size), 0) + i % (size * size)];
        double clipped = Math.min(1, Math.max(0, value));
        assertThat(Math.abs(clipped - expected[offset + i]))
            .as("%s: value %d of %s", program, i, view)
            .isLessThan(tolerance);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(expected.length);
  }

  private static AugmentSettings settings(AugmentSettings preset, int size, int kernel) {
    Blur blur = preset.blur();
    return new AugmentSettings(
        size,
        preset.crop(),
        preset.flipProbability(),
        preset.jitter(),
        preset.grayProbability(),
        new Blur(blur.probability(), blur.sigmaMin(), blur.sigmaMax(), kernel, blur.edges()),
        preset.evaluationCrop());
  }

  private static Draw draw(JsonNode view) {
    Draw draw = new Draw();
    draw.crop.left = view.get("left").intValue();
    draw.crop.top = view.get("top").intValue();
    draw.crop.width = view.get("width").intValue();
    draw.crop.height = view.get("height").intValue();
    draw.flip = view.get("flip").booleanValue();
    draw.jitter = view.get("jitter").booleanValue();
    List<Integer> order = new ArrayList<>();
    view.get("order").forEach(name -> order.add(OPERATIONS.indexOf(name.textValue())));
    while (!order.equals(operations(draw.order))) {
      draw.order++;
    }
    draw.brightness = view.get("brightness").floatValue();
    draw.contrast = view.get("contrast").floatValue();
    draw.saturation = view.get("saturation").floatValue();
    draw.hue = view.get("hue").floatValue();
    draw.gray = view.get("gray").booleanValue();
    draw.blur = view.get("blur").booleanValue();
    draw.sigma = view.get("sigma").doubleValue();
    return draw;
  }

  private static List<Integer> operations(int order) {
    List<Integer> operations = new ArrayList<>();
    for (int place = 0; place < Draw.OPERATIONS; place++) {
      operations.add(Draw.operation(order, place));
    }
    return operations;
  }
}
