package org.simclrspark.driver.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.network.ParameterLayout;
import org.simclrspark.worker.network.ParameterLayout.Block;

class OptimizerTest {

  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              new Block("weight", List.of(2), 0, true), new Block("bias", List.of(1), 2, false)));

  @Test
  void sgdDecaysWeightsButNotBiases() {
    float[] parameters = {1, 2, 3};
    Sgd sgd = new Sgd(LAYOUT, 0.5, false, 0.1);

    sgd.update(parameters, new float[] {1, 0, 1}, 0.1);
    // v = (1 + 0.1*1, 0 + 0.1*2, 1) = (1.1, 0.2, 1)
    assertThat(parameters).containsExactly(new float[] {0.89f, 1.98f, 2.9f}, within(1e-6f));

    sgd.update(parameters, new float[] {0, 0, 0}, 0.1);
    // v = (0.55 + 0.089, 0.1 + 0.198, 0.5)
    assertThat(parameters)
        .containsExactly(new float[] {0.89f - 0.0639f, 1.98f - 0.0298f, 2.85f}, within(1e-6f));
    assertThat(sgd.updates()).isEqualTo(2);
  }

  @Test
  void nesterovLooksAhead() {
    float[] parameters = {1, 1, 1};
    Sgd sgd = new Sgd(LAYOUT, 0.5, true, 0);
    sgd.update(parameters, new float[] {1, 1, 1}, 0.1);
    // g + 0.5 * v = 1.5
    assertThat(parameters[0]).isCloseTo(0.85f, within(1e-6f));
    sgd.update(parameters, new float[] {0, 0, 0}, 0.1);
    // v = 0.5, g + 0.5 * v = 0.25
    assertThat(parameters[0]).isCloseTo(0.825f, within(1e-6f));
  }

  @Test
  void larsScalesWeightsByTheTrustRatioAndBiasesNot() {
    float[] parameters = {3, 4, 7};
    Lars lars = new Lars(LAYOUT, 0.9, 0, 0.001);

    lars.update(parameters, new float[] {0.6f, 0.8f, 2}, 10);

    // |w| = 5, |g| = 1: rate 10 * 0.001 * 5 = 0.05; the bias moves by the plain rate.
    assertThat(parameters)
        .containsExactly(new float[] {3 - 0.03f, 4 - 0.04f, 7 - 20f}, within(1e-5f));
  }

  @Test
  void larsAddsWeightDecayBeforeTheTrustRatio() {
    float[] parameters = {3, 4, 0};
    Lars lars = new Lars(LAYOUT, 0, 0.1, 0.01);

    lars.update(parameters, new float[] {0.3f, 0.4f, 0}, 1);

    // g' = (0.6, 0.8), |g'| = 1, |w| = 5: rate 0.05.
    assertThat(parameters).containsExactly(new float[] {2.97f, 3.96f, 0}, within(1e-5f));
  }

  @Test
  void larsTakesATrustRatioOfOneForZeroWeights() {
    float[] parameters = {0, 0, 0};
    new Lars(LAYOUT, 0, 0, 0.001).update(parameters, new float[] {1, 2, 3}, 0.5);
    assertThat(parameters).containsExactly(new float[] {-0.5f, -1, -1.5f}, within(1e-6f));
  }

  @Test
  void larsMomentumKeepsTheRateThatASlopeWasTakenWith() {
    float[] parameters = {3, 4, 0};
    Lars lars = new Lars(LAYOUT, 0.5, 0, 0.1);
    lars.update(parameters, new float[] {0.6f, 0.8f, 1}, 1);
    // rate 0.1 * 5 = 0.5: v = (0.3, 0.4, 1)
    lars.update(parameters, new float[] {0, 0, 0}, 100);
    assertThat(parameters)
        .containsExactly(new float[] {3 - 0.3f - 0.15f, 4 - 0.4f - 0.2f, -1.5f}, within(1e-5f));
  }

  @Test
  void adamMovesByTheRateInItsFirstStepWhateverTheGradient() {
    float[] parameters = {1, 1, 1};
    Adam adam = new Adam(LAYOUT, 0.9, 0.999, 1e-8, 0);
    adam.update(parameters, new float[] {1e-3f, -50, 7}, 0.1);
    assertThat(parameters).containsExactly(new float[] {0.9f, 1.1f, 0.9f}, within(1e-4f));
  }

  @Test
  void adamCorrectsBothMomentsInItsSecondStep() {
    float[] parameters = {0, 0, 0};
    Adam adam = new Adam(LAYOUT, 0.9, 0.99, 1e-8, 0);
    adam.update(parameters, new float[] {1, 1, 1}, 0.1);
    adam.update(parameters, new float[] {3, 3, 3}, 0.1);
    // m = 0.39 / 0.19; v = (0.0099 + 0.09) / 0.0199
    double second = 0.1 * (0.39 / 0.19) / Math.sqrt(0.0999 / 0.0199);
    assertThat(parameters[0]).isCloseTo((float) (-0.1 - second), within(1e-5f));
  }

  @Test
  void adamDecaysWeightsApartFromTheGradient() {
    float[] parameters = {1, 2, 3};
    new Adam(LAYOUT, 0.9, 0.999, 1e-8, 0.5).update(parameters, new float[] {0, 0, 0}, 0.1);
    assertThat(parameters).containsExactly(new float[] {0.95f, 1.9f, 3}, within(1e-6f));
  }

  @Test
  void stateTakenOverGivesTheSameNextUpdate() {
    for (Optimizer[] pair :
        List.of(
            new Optimizer[] {new Sgd(LAYOUT, 0.9, false, 0.1), new Sgd(LAYOUT, 0.9, false, 0.1)},
            new Optimizer[] {new Lars(LAYOUT, 0.9, 0.1, 1), new Lars(LAYOUT, 0.9, 0.1, 1)},
            new Optimizer[] {
              new Adam(LAYOUT, 0.9, 0.99, 1e-8, 0.1), new Adam(LAYOUT, 0.9, 0.99, 1e-8, 0.1)
            })) {
      float[] parameters = {1, -2, 3};
      pair[0].update(parameters, new float[] {1, 2, 3}, 0.01);
      pair[0]
          .state()
          .forEach(
              (name, values) ->
                  System.arraycopy(values, 0, pair[1].state().get(name), 0, values.length));
      pair[1].setUpdates(pair[0].updates());

      float[] there = parameters.clone();
      pair[0].update(parameters, new float[] {-1, 1, 5}, 0.01);
      pair[1].update(there, new float[] {-1, 1, 5}, 0.01);
      assertThat(there).containsExactly(parameters);
    }
  }
}
