package org.simclrspark.driver.report;

import java.util.List;
import java.util.function.IntPredicate;

/** A table as lines of text. */
public final class TextTable {

  private TextTable() {}

  /**
   * The lines of a table, its columns as wide as their widest cell and two spaces apart.
   *
   * @param rows with as many cells each
   * @param isRight whether a column, counted from 0, is aligned to the right
   */
  public static List<String> lines(List<List<String>> rows, IntPredicate isRight) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths, isRight)).toList();
  }

  private static String line(List<String> row, int[] widths, IntPredicate isRight) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      String space = " ".repeat(widths[i] - cell.length());
      line.append(isRight.test(i) ? space + cell : cell + space).append("  ");
    }
    return line.toString().stripTrailing();
  }
}
