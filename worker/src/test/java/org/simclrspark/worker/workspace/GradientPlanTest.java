package org.simclrspark.worker.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.simclrspark.worker.network.Network;

class GradientPlanTest {

  private final Network.Tensor input = new Network.Tensor(0, 3, 8);
  private final Network.Tensor shared = new Network.Tensor(1, 4, 8);
  private final Network.Tensor embedding = new Network.Tensor(9, 4, 1);

  /** An activation that goes into some operations, whose outputs are added up in pairs. */
  private List<Network.Operation> withConsumers(int count) {
    List<Network.Operation> operations = new ArrayList<>();
    operations.add(new Network.MaxPool(input, shared));
    Network.Tensor sum = null;
    for (int i = 0; i < count; i++) {
      Network.Tensor pooled = new Network.Tensor(2 + i, 4, 1);
      operations.add(new Network.AveragePool(shared, pooled));
      if (sum == null) {
        sum = pooled;
      } else {
        Network.Tensor next = i == count - 1 ? embedding : new Network.Tensor(20 + i, 4, 1);
        operations.add(new Network.Normalisation(pooled, sum, next, false, 0, null, null, -1));
        sum = next;
      }
    }
    return operations;
  }

  private GradientPlan plan(List<Network.Operation> operations) {
    return new GradientPlan(operations, embedding, tensor -> 4L * tensor.channels());
  }

  @Test
  void bothGradientsOfAnActivationArrive() {
    GradientPlan.Step last = plan(withConsumers(2)).steps().get(3);
    assertThat(last.operation()).isInstanceOf(Network.MaxPool.class);
    assertThat(last.gradient()).isNotNull();
    assertThat(last.other()).isNotNull();
  }

  @Test
  void aThirdOneIsNotDropped() {
    List<Network.Operation> operations = withConsumers(3);
    assertThatThrownBy(() -> plan(operations))
        .hasMessage(
            "An activation must go into one or two operations, because no more than two gradients"
                + " are added up, found activation 1 in 3");
  }

  @Test
  void anOutputThatNobodyUsesIsTold() {
    List<Network.Operation> operations = new ArrayList<>(withConsumers(2));
    operations.add(new Network.AveragePool(shared, new Network.Tensor(30, 4, 1)));
    assertThatThrownBy(() -> plan(operations)).hasMessageEndingWith("found activation 30 in 0");
  }
}
