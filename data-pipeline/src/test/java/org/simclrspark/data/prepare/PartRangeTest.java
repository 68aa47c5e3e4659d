package org.simclrspark.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PartRangeTest {

  @Test
  void imagesThatAreReadOneByOneMakeATaskAPart() {
    assertThat(PartRange.of(List.of(0, 1, 3), 0))
        .containsExactly(new PartRange(0, 1), new PartRange(1, 2), new PartRange(3, 4));
  }

  /** Otherwise every task would read its file from the beginning, all parts before its own. */
  @Test
  void oneFileThatIsReadFromItsBeginningMakesOneTask() {
    assertThat(PartRange.of(List.of(0, 1, 2, 3), 1)).containsExactly(new PartRange(0, 4));
  }

  @Test
  void tasksAreAsManyAsFilesAndSkipWhatIsThere() {
    assertThat(PartRange.of(List.of(0, 1, 2, 4, 5, 6), 2))
        .containsExactly(new PartRange(0, 3), new PartRange(4, 7));
  }
}
