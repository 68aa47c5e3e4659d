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
  void numbersComeFromTheNamesOfTheTrainingImages() {
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
            "Every class of the test images must be one of the training images', found 2 in"
                + " data.test (/images/test) alone: Dog, hen; the training images have cat, dog."
                + " Name the classes alike, remove those images, or set data.test=null to go"
                + " without evaluation");
  }

  @Test
  void longListsAreCut() {
    String[] names = new String[15];
    for (int i = 0; i < names.length; i++) {
      names[i] = "n" + (10 + i);
    }
    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), test(names)))
        .hasMessageContaining("found 15")
        .hasMessageContaining("n19 and 5 more; the training");
  }

  @Test
  void oneClassIsRefusedOnEitherSide() {
    assertThatThrownBy(() -> Classes.match(train("."), test(".")))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "Evaluation must have images of at least 2 classes, found only ., with all 5 in"
                + " data.train (/images/train); give a dataset whose labels differ, or set"
                + " data.test=null to go without evaluation");
    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), test("dog")))
        .hasMessageContaining("found only dog, with all 5 in data.test (/images/test)");
  }

  @Test
  void imagesWithoutALabelAreRefused() {
    Labelled some = new Labelled("data.test", "/images/test", 3, train("cat", "dog").images());

    assertThatThrownBy(() -> Classes.match(train("cat", "dog"), some))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found 3 of 13 in data.test (/images/test) without one");
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
