package org.simclrspark.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.simclrspark.data.DataException;
import org.simclrspark.data.ImageRecord;
import org.simclrspark.driver.evaluate.Classes.Labelled;

class ClassesTest {

  @Test
  void numbersComeFromTheNamesOfTheLabelledImages() {
    // By position, cow would be 1 in the test set.
    Classes classes = Classes.match(train("cat", "dog", "cow"), test("cow", "cat"));

    assertThat(classes.count()).isEqualTo(3);
    assertThat(classes.number(image("cat"))).isEqualTo(0);
    assertThat(classes.number(image("cow"))).isEqualTo(1);
    assertThat(classes.number(image("dog"))).isEqualTo(2);
  }

  @Test
  void namesInTheTestSetAloneAreRefused() {
    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), test("cat", "Dog", "hen")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "Every class of the test images must be one of those in data.train (/images/train),"
                + " found 2 in data.test (/images/test) alone: Dog, hen; data.train has cat, dog."
                + " Name the classes alike, remove those images, name labelled images with"
                + " data.labelled, or set data.test=null to go without evaluation");
    Labelled known = labelled("data.labelled", "/images/known", "cat", "dog");
    assertThatThrownBy(() -> Classes.match(known, test("cat", "hen")))
        .hasMessage(
            "Every class of the test images must be one of those in data.labelled (/images/known),"
                + " found 1 in data.test (/images/test) alone: hen; data.labelled has cat, dog."
                + " Name the classes alike, remove those images, learn from data.train with"
                + " data.labelled=null, or set data.test=null to go without evaluation");
  }

  @Test
  void longListsAreCut() {
    String[] names = new String[15];
    for (int i = 0; i < names.length; i++) {
      names[i] = "n" + (10 + i);
    }
    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), test(names)))
        .hasMessageContaining("found 15")
        .hasMessageContaining("n19 and 5 more; data.train has");
  }

  @Test
  void oneClassIsRefusedOnEitherSide() {
    assertThatThrownBy(() -> Classes.match(train("."), test(".")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "Evaluation must have images of at least 2 classes, found only ., with all 5 in"
                + " data.train (/images/train); give a dataset whose labels differ, name labelled"
                + " images with data.labelled, or set data.test=null to go without evaluation");
    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), test("dog")))
        .hasMessageContaining("found only dog, with all 5 in data.test (/images/test)");
  }

  @Test
  void imagesWithoutALabelAreRefused() {
    Labelled some = new Labelled("data.test", "/images/test", 3, train("cat", "dog").images());

    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), some))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "Evaluation must have a label for each image, found 3 of 13 in data.test (/images/test)"
                + " without one; use a labelled dataset, or set data.test=null to go without"
                + " evaluation");
    Labelled none = new Labelled("data.train", "/images/train", 7, new TreeMap<>());
    assertThatThrownBy(() -> Classes.match(none, test("cat", "dog")))
        .hasMessage(
            "Evaluation must have a label for each image, found 7 of 7 in data.train"
                + " (/images/train) without one; use a labelled dataset, name labelled images with"
                + " data.labelled, or set data.test=null to go without evaluation");
  }

  private static Labelled train(String... names) {
    return labelled("data.train", "/images/train", names);
  }

  private static Labelled test(String... names) {
    return labelled("data.test", "/images/test", names);
  }

  private static Labelled labelled(String key, String path, String... names) {
    TreeMap<String, Long> counts = new TreeMap<>();
    for (String name : names) {
      counts.put(name, 5L);
    }
    return new Labelled(key, path, 0, counts);
  }

  private static ImageRecord image(String label) {
    return new ImageRecord(0, label, "image", ImageRecord.Encoding.FILE, new byte[0]);
  }
}
