package org.simclrspark.worker.network;

import java.io.Serializable;
import java.util.List;

/**
 * How the blocks of a network lie in its flat parameter vector.
 *
 * @param blocks in the order of their offsets, without gaps
 */
public record ParameterLayout(List<Block> blocks) implements Serializable {

  public ParameterLayout {
    blocks = List.copyOf(blocks);
    int expected = 0;
    for (Block block : blocks) {
      if (block.offset() != expected) {
        throw new IllegalArgumentException(
            "Block "
                + block.name()
                + " must start where the one before ends, at "
                + expected
                + ", found "
                + block.offset());
      }
      expected += block.length();
    }
  }

  /** Length of the flat vector. */
  public int size() {
    if (blocks.isEmpty()) {
      return 0;
    }
    Block last = blocks.get(blocks.size() - 1);
    return last.offset() + last.length();
  }

  /**
   * One weight or bias.
   *
   * @param name for example {@code stage1.block0.conv1.weight}
   * @param shape for example [out, in, kH, kW]
   * @param offset of its first value in the flat vector
   * @param adapted whether weight decay and the trust ratio of LARS apply: true for weights of
   *     convolutions and dense layers, false for biases and norm parameters (You et al. 2017; Chen
   *     et al. 2020, section 2.1)
   */
  public record Block(String name, List<Integer> shape, int offset, boolean adapted)
      implements Serializable {

    public Block {
      shape = List.copyOf(shape);
    }

    /** Values in the block. */
    public int length() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }
}
