package org.simclrspark.driver.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a configuration file, read for what HOCON takes in another way than it was meant: a
 * path that is cut at its two slashes, because they start a comment, and a key that is there twice,
 * of which the last one wins.
 */
final class HoconText {

  /**
   * A mistake.
   *
   * @param line counted from 1
   * @param statement what is allowed and what was found
   * @param remedy a sentence
   */
  record Finding(int line, String statement, String remedy) {}

  private static final String QUOTE = "Put it in quotes: ";
  private static final int LONGEST_SHOWN = 80;
  private static final Pattern PLAIN = Pattern.compile("-?[0-9][0-9.]*([eE][-+]?[0-9]+)?|");
  private static final Pattern NUMBERS = Pattern.compile("[=:]\\s*-?[0-9.]+\\s*,\\s*-?[0-9.]+");
  private static final Pattern VALUE = Pattern.compile("^\\s*[^=:\\s]+\\s*[=:]\\s*(\\S.*)$");

  /** An object or a list that is open; the keys of an object in a list have no path. */
  private record Frame(boolean isObject, String prefix, int line) {}

  private final String text;
  private final Deque<Frame> open = new ArrayDeque<>();
  private final List<Finding> cut = new ArrayList<>();
  private final List<Finding> repeated = new ArrayList<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private final StringBuilder key = new StringBuilder();
  private final StringBuilder value = new StringBuilder();
  private boolean inValue;
  private boolean appends;
  private int valueLine;
  private int line = 1;
  private int position;

  HoconText(String text) {
    this.text = text;
    open.push(new Frame(true, "", 1));
    while (position < text.length()) {
      step();
    }
    endValue();
  }

  /** Values that a comment cuts short. */
  List<Finding> cut() {
    return cut;
  }

  /** Keys that have a value already. */
  List<Finding> repeated() {
    return repeated;
  }

  /**
   * Says what is wrong where the parser gives up.
   *
   * @param number of the line where it does, which may be the one behind the mistake
   */
  Finding unreadable(int number) {
    List<String> all = text.lines().map(String::strip).toList();
    int last = Math.max(1, Math.min(number, all.size()));
    for (int at = last; at >= Math.max(1, last - 1) && at <= all.size(); at--) {
      String found = all.get(at - 1);
      if (NUMBERS.matcher(found).find()) {
        return refused(
            at, found, "Write a list in brackets, such as [0, 1], and a decimal with a point");
      }
      if (found.chars().filter(each -> each == '"').count() % 2 == 1) {
        return refused(at, found, "Close the quotes");
      }
    }
    if (open.size() > 1) {
      Frame unclosed = open.peek();
      return new Finding(
          unclosed.line(),
          "must be closed, found no " + (unclosed.isObject() ? "}" : "]") + " for what begins here",
          "Add it.");
    }
    String found = all.isEmpty() ? "" : all.get(last - 1);
    Matcher value = VALUE.matcher(found);
    return refused(
        last,
        found,
        value.find() && !found.contains("\"")
            ? QUOTE + quoted(value.group(1))
            : "Write key = value, with quotes around a value that has other characters than letters,"
                + " digits, points and slashes");
  }

  private static Finding refused(int line, String found, String remedy) {
    return new Finding(
        line,
        "must be a line of HOCON, found " + shown(found),
        remedy.replaceAll("\\.$", "") + ".");
  }

  private void step() {
    char c = text.charAt(position);
    if (c == '\n') {
      line++;
      position++;
      if (!value.isEmpty() || !inValue) {
        endValue();
        key.setLength(0);
      }
    } else if (c == '#' || text.startsWith("//", position)) {
      comment();
    } else if (c == '"') {
      quotedText();
    } else if (inValue) {
      inValue(c);
    } else {
      inKey(c);
    }
  }

  private void inKey(char c) {
    position++;
    switch (c) {
      case '=', ':' -> {
        appends = key.length() > 0 && key.charAt(key.length() - 1) == '+';
        inValue = true;
      }
      case '{' -> openObject();
      case '}', ']' -> close();
      case ',' -> key.setLength(0);
      default -> key.append(c);
    }
  }

  private void inValue(char c) {
    position++;
    switch (c) {
      case '{' -> openObject();
      case '[' -> {
        startValue();
        value.append(c);
        open.push(new Frame(false, null, line));
      }
      case '}', ']' -> close();
      case ',' -> {
        if (open.peek().isObject()) {
          endValue();
        }
      }
      default -> {
        if (!Character.isWhitespace(c)) {
          startValue();
        }
        value.append(c);
      }
    }
  }

  private void openObject() {
    String name = key.toString().strip();
    String prefix = open.peek().prefix();
    boolean hasPath = prefix != null && open.peek().isObject();
    open.push(
        new Frame(true, !hasPath ? null : name.isEmpty() ? prefix : prefix + name + ".", line));
    key.setLength(0);
    value.setLength(0);
    inValue = false;
  }

  private void close() {
    boolean isObject = open.peek().isObject();
    if (isObject) {
      endValue();
    }
    if (open.size() > 1) {
      open.pop();
    }
    inValue = !open.peek().isObject() || !isObject;
  }

  private void startValue() {
    if (value.toString().isBlank()) {
      value.setLength(0);
      valueLine = line;
    }
  }

  /** Takes note of a key that has got its value. */
  private void endValue() {
    Frame frame = open.peek();
    if (!frame.isObject()) {
      return;
    }
    String name = key.toString().strip();
    boolean counts = inValue && !appends && !value.isEmpty() && !name.isEmpty();
    if (counts && frame.prefix() != null && value.indexOf("${") < 0) {
      Integer before = lines.putIfAbsent(frame.prefix() + name, valueLine);
      if (before != null) {
        repeated.add(
            new Finding(
                valueLine,
                frame.prefix() + name + " must have one value, found another in line " + before,
                "Keep one of them."));
      }
    }
    key.setLength(0);
    value.setLength(0);
    inValue = false;
    appends = false;
  }

  private void quotedText() {
    String mark = text.startsWith("\"\"\"", position) ? "\"\"\"" : "\"";
    int end = position + mark.length();
    while (end < text.length() && !text.startsWith(mark, end)) {
      if (mark.length() == 1 && text.charAt(end) == '\n') {
        break;
      }
      end += mark.length() == 1 && text.charAt(end) == '\\' ? 2 : 1;
    }
    end = Math.min(text.length(), end + mark.length());
    String whole = text.substring(position, end);
    if (inValue) {
      startValue();
      value.append(whole);
    } else {
      key.append(whole);
    }
    line += (int) whole.chars().filter(each -> each == '\n').count();
    position = end;
  }

  /** Skips a comment, and notes where it starts inside a word or in place of a value. */
  private void comment() {
    int end = text.indexOf('\n', position);
    end = end < 0 ? text.length() : end;
    int start = position;
    while (start > 0 && "\n\r\t =,[]{}\"".indexOf(text.charAt(start - 1)) < 0) {
      start--;
    }
    String word = text.substring(start, position);
    boolean isEmpty = inValue && value.toString().isBlank() && open.peek().isObject();
    boolean isPath =
        isEmpty
            && text.startsWith("//", position)
            && end > position + 2
            && !Character.isWhitespace(text.charAt(position + 2));
    if ((inValue && !PLAIN.matcher(word).matches()) || isPath) {
      String meant = text.substring(start, end).strip();
      String mark = text.charAt(position) == '#' ? "#" : "//";
      cut.add(
          new Finding(
              line,
              key.toString().strip()
                  + " must be in quotes where it holds "
                  + mark
                  + ", which starts a comment, found "
                  + shown(meant),
              QUOTE + quoted(meant) + ", or put a space before the comment."));
    }
    position = end;
  }

  private static String quoted(String meant) {
    return '"' + shown(meant.replaceAll("[\"\\s,}]+$", "")) + '"';
  }

  private static String shown(String found) {
    return found.length() <= LONGEST_SHOWN ? found : found.substring(0, LONGEST_SHOWN) + "...";
  }
}
