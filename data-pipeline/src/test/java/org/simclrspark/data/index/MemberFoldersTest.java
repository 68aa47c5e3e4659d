package org.simclrspark.data.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberFoldersTest {

  private static List<String> classes(List<String> members) {
    MemberFolders folders = new MemberFolders();
    members.forEach(folders::add);
    int shared = folders.shared();
    TreeMap<String, Long> counts = new TreeMap<>();
    long unlabelled = folders.count(shared, counts);
    List<String> classes =
        members.stream()
            .map(member -> String.valueOf(MemberFolders.classOf(member, shared)))
            .toList();
    assertThat(counts.values().stream().mapToLong(Long::longValue).sum() + unlabelled)
        .isEqualTo(members.size());
    assertThat(counts.keySet())
        .containsExactlyInAnyOrderElementsOf(
            classes.stream().filter(name -> !name.equals("null")).distinct().toList());
    return classes;
  }

  @ParameterizedTest
  @CsvSource({
    "cat/1.png dog/2.png, cat dog",
    "data/cat/1.png data/dog/2.png, cat dog",
    "a/b/cat/1.png a/b/dog/young/2.png, cat dog",
    "cat/1.png cat/2.png, cat cat",
    "a/cat/1.png a/cat/2.png, cat cat",
    "a/cat/1.png a/cat/young/2.png, cat cat",
    "1.png 2.png, null null",
    "1.png cat/2.png, null cat",
    "data/1.png data/cat/2.png, data data",
    "cat/1.png cats/2.png, cat cats",
    "data/cat/1.png data2/cat/2.png, data data2",
  })
  void leadingFoldersThatAllShareAreNoClasses(String members, String expected) {
    assertThat(classes(List.of(members.split(" ")))).containsExactly(expected.split(" "));
  }

  @Test
  void partsAddedUpSayTheSame() {
    MemberFolders one = new MemberFolders();
    MemberFolders two = new MemberFolders();
    one.add("d/cat/1.png");
    two.add("d/dog/2.png");
    assertThat(one.shared()).as("alone").isEqualTo(1);
    one.add(two);
    assertThat(one.shared()).isEqualTo(1);
    two.add("3.png");
    one.add(two);
    assertThat(one.shared()).isZero();
  }
}
