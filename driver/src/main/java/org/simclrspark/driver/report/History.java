package org.simclrspark.driver.report;

import static java.util.Map.entry;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the metrics of a run's steps have been so far, thinned to what a screen can show: its size
 * does not grow with the number of steps. Names inside maps are joined by a dot, such as {@code
 * seconds.embed}.
 */
public final class History {

  /** Points of a curve at most. */
  public static final int POINTS = 1000;

  private static final int MOST_CURVES = 100;
  private static final int MOST_EVENTS = 200;
  private static final int MOST_JUDGEMENTS = 300;
  private static final int MOST_SPECTRA = 12;
  private static final MathContext DIGITS = new MathContext(5);
  private static final String STEP = "step";
  private static final String TIME = "time";
  private static final String SPECTRUM = "spectrum";

  /** Names whose values are counts, of which a point shows the sum over its steps. */
  private static final Set<String> COUNTS =
      Set.of("images_skipped", "images_repaired", "executors_lost");

  /** What happened, by the name in the metrics that tells it. */
  private static final Map<String, String> EVENTS =
      Map.ofEntries(
          entry("resumed", "resumed"),
          entry("executors_lost", "executors lost"),
          entry("images_skipped", "images skipped"),
          entry("collapsed", "collapsed"));

  private final Thinned<Point> points;
  private final Map<String, Thinned<Event>> events = new TreeMap<>();
  private final Thinned<Judgement> judgements = new Thinned<>(MOST_JUDGEMENTS, (a, b) -> b);
  private final Thinned<Spectrum> spectra = new Thinned<>(MOST_SPECTRA, (a, b) -> b);
  private final Set<String> names = new TreeSet<>();
  private Spectrum firstSpectrum;
  private Map<String, ?> last = Map.of();
  private long steps;
  private boolean collapsed;

  /** The values of one or more steps that follow each other. */
  private record Point(long step, double time, Map<String, Span> spans) {

    Point followedBy(Point next) {
      Map<String, Span> both = new TreeMap<>(spans);
      next.spans.forEach((name, span) -> both.merge(name, span, Span::with));
      return new Point(next.step, next.time, both);
    }
  }

  /** Where values lie. */
  private record Span(long count, double sum, double low, double high) {

    static Span of(double value) {
      return new Span(1, value, value, value);
    }

    Span with(Span other) {
      return new Span(
          count + other.count,
          sum + other.sum,
          Math.min(low, other.low),
          Math.max(high, other.high));
    }
  }

  /** Something that happened in some steps, so many times. */
  private record Event(long from, long to, double time, double count) {

    Event with(Event next) {
      return new Event(from, next.to, next.time, count + next.count);
    }
  }

  private record Judgement(long step, double time, double accuracy) {}

  private record Spectrum(long step, List<?> values) {}

  /** The history of a run with no steps yet, for a page of its own. */
  public History() {
    this(POINTS);
  }

  /**
   * The history of a run with no steps yet.
   *
   * @param most points of a curve at most
   */
  public History(int most) {
    points = new Thinned<>(most, Point::followedBy);
  }

  /**
   * Adds what the metrics tell of a step.
   *
   * @param line of {@code metrics.jsonl}; what is neither number nor flag is passed over
   */
  public void add(Map<String, ?> line) {
    if (!(line.get(STEP) instanceof Number number)) {
      return;
    }
    long step = number.longValue();
    double time = line.get(TIME) instanceof Number seconds ? seconds.doubleValue() : Double.NaN;
    Map<String, Double> values = new LinkedHashMap<>();
    flatten("", ".", line, values);
    Map<String, Span> spans = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (names.contains(name) || names.size() < MOST_CURVES) {
            names.add(name);
            spans.put(name, Span.of(value));
          }
        });
    points.add(step, new Point(step, time, spans));
    EVENTS.forEach((name, kind) -> event(kind, step, time, values.getOrDefault(name, 0.0)));
    addRare(step, time, line);
    last = line;
    steps++;
  }

  /**
   * Adds values that came to the last step afterwards.
   *
   * @param values by name, in the same way
   */
  public void amend(Map<String, ?> values) {
    Object step = last.get(STEP);
    if (step instanceof Number number) {
      Object time = last.get(TIME);
      addRare(
          number.longValue(),
          time instanceof Number seconds ? seconds.doubleValue() : Double.NaN,
          values);
    }
  }

  private void addRare(long step, double time, Map<String, ?> line) {
    if (line.get(Summary.KNN_ACCURACY) instanceof Number accuracy) {
      judgements.add(step, new Judgement(step, time, accuracy.doubleValue()));
    }
    if (line.get(SPECTRUM) instanceof List<?> values) {
      Spectrum spectrum = new Spectrum(step, values);
      firstSpectrum = firstSpectrum == null ? spectrum : firstSpectrum;
      spectra.add(step, spectrum);
    }
  }

  private void event(String kind, long step, double time, double count) {
    boolean counted = count > 0;
    if (kind.equals("collapsed")) {
      boolean begins = counted && !collapsed;
      collapsed = counted;
      counted = begins;
    }
    if (counted) {
      events
          .computeIfAbsent(kind, any -> new Thinned<>(MOST_EVENTS, Event::with))
          .add(step, new Event(step, step, time, count));
    }
  }

  /** Steps that were added. */
  public long steps() {
    return steps;
  }

  /** The last step's line, empty before the first. */
  public Map<String, ?> last() {
    return last;
  }

  /** Accuracy of nearest neighbours as it was found last, or null. */
  public Double knnAccuracy() {
    return judgements.last() == null ? null : judgements.last().accuracy;
  }

  /**
   * Everything as JSON: {@code step} and {@code time} of every point; {@code curves} by name, each
   * with the mean (of counts the sum) and, where a point stands for several steps, the least and
   * the greatest value; {@code judged}, {@code spectra} and {@code events}.
   */
  public Map<String, Object> json() {
    List<Point> all = points.values();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(STEP, all.stream().map(Point::step).toList());
    json.put(TIME, all.stream().map(point -> seconds(point.time)).toList());
    Map<String, Object> curves = new LinkedHashMap<>();
    names.stream()
        .filter(name -> !name.equals(STEP) && !name.equals(TIME))
        .forEach(name -> curves.put(name, curve(name, all)));
    json.put("curves", curves);
    json.put(
        "judged",
        judgements.values().stream()
            .map(
                found ->
                    map(STEP, found.step, TIME, seconds(found.time), "knn", digits(found.accuracy)))
            .toList());
    List<Spectrum> drawn = new ArrayList<>(spectra.values());
    if (firstSpectrum != null && !drawn.contains(firstSpectrum)) {
      drawn.add(0, firstSpectrum);
    }
    json.put(
        "spectra",
        drawn.stream().map(found -> map(STEP, found.step, "values", found.values)).toList());
    List<Object> happened = new ArrayList<>();
    events.forEach(
        (kind, ofKind) ->
            ofKind
                .values()
                .forEach(
                    event ->
                        happened.add(
                            map(
                                "kind",
                                kind,
                                "from",
                                event.from,
                                STEP,
                                event.to,
                                TIME,
                                seconds(event.time),
                                "count",
                                event.count))));
    json.put("events", happened);
    return json;
  }

  private static Map<String, Object> curve(String name, List<Point> points) {
    List<Object> mean = new ArrayList<>();
    List<Object> low = new ArrayList<>();
    List<Object> high = new ArrayList<>();
    boolean thinned = false;
    for (Point point : points) {
      Span span = point.spans.get(name);
      if (span == null) {
        mean.add(null);
        low.add(null);
        high.add(null);
        continue;
      }
      mean.add(digits(COUNTS.contains(name) ? span.sum : span.sum / span.count));
      low.add(digits(span.low));
      high.add(digits(span.high));
      thinned |= span.low < span.high;
    }
    return thinned && !COUNTS.contains(name)
        ? map("mean", mean, "low", low, "high", high)
        : map("mean", mean);
  }

  /** Collects the numbers and flags of a line; names inside maps are joined. */
  static void flatten(String prefix, String joint, Map<?, ?> line, Map<String, Double> values) {
    line.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> inner) {
            flatten(prefix + name + joint, joint, inner, values);
          } else if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            values.put(prefix + name, number.doubleValue());
          } else if (value instanceof Boolean flag) {
            values.put(prefix + name, flag ? 1.0 : 0.0);
          }
        });
  }

  private static Double digits(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : null;
  }

  private static Long seconds(double time) {
    return Double.isFinite(time) ? Math.round(time) : null;
  }

  private static Map<String, Object> map(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
