package org.simclrspark.data.source;

import java.util.List;

/**
 * CIFAR's binary format: records of one or two label bytes and 3072 pixel bytes (1024 red, 1024
 * green, 1024 blue, each 32 rows of 32), without a header (Krizhevsky 2009).
 */
public enum CifarFormat {
  /** One label byte, 10 classes. */
  CIFAR_10(1, 10),
  /** A coarse and a fine label byte, 100 classes; the label is the fine one. */
  CIFAR_100(2, 100);

  /** Side of an image, in pixels. */
  public static final int SIDE = 32;

  /** Pixel bytes of an image. */
  public static final int IMAGE_BYTES = 3 * SIDE * SIDE;

  /** The classes of CIFAR-10, by label. */
  public static final List<String> CLASSES_10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final List<String> CLASSES_100 =
      List.of(
          """
          apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy
          bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee clock
          cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
          forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
          lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange
          orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
          possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper
          snail snake spider squirrel streetcar sunflower sweet_pepper table tank
          telephone television tiger tractor train trout tulip turtle wardrobe whale
          willow_tree wolf woman worm
          """
              .strip()
              .split("\\s+"));

  private final int labelBytes;
  private final int classes;

  CifarFormat(int labelBytes, int classes) {
    this.labelBytes = labelBytes;
    this.classes = classes;
  }

  /** Label bytes before the pixels. */
  public int labelBytes() {
    return labelBytes;
  }

  /** Number of classes. */
  public int classes() {
    return classes;
  }

  /** The usual names of the classes, by label. */
  public List<String> classNames() {
    return this == CIFAR_10 ? CLASSES_10 : CLASSES_100;
  }

  /** Name of the file with the names of the classes that comes with the images. */
  String classFile() {
    return this == CIFAR_10 ? "batches.meta.txt" : "fine_label_names.txt";
  }

  /** Bytes of a record. */
  public int recordBytes() {
    return labelBytes + IMAGE_BYTES;
  }
}
