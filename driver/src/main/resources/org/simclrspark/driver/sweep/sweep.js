"use strict";
(() => {
  const { data, main, el } = page;

  /** Four digits are enough for a measure; a deviation only where there are several seeds. */
  function text(measure, number) {
    if (number.mean == null) {
      return page.DASH;
    }
    const digits = measure.fraction ? 1 : 2;
    const factor = measure.fraction ? 100 : 1;
    const deviation = number.standard_deviation;
    return (factor * number.mean).toFixed(digits)
      + (deviation == null ? "" : " \u00b1 " + (factor * deviation).toFixed(digits))
      + (measure.fraction ? "\u00a0%" : "");
  }

  /** A link to the report of every seed; short, for it stands in every cell. */
  function links(row) {
    const several = row.seeds.length > 1;
    return row.seeds.flatMap((seed, i) => [several ? (i === 0 ? "seeds " : " ") : "", el("a", {
      href: seed.run.split("/").map(encodeURIComponent).join("/") + "/report.html",
      "aria-label": "Report of " + seed.name + ", " + seed.state,
      title: seed.name + ": " + seed.state + (seed.reason ? ", " + seed.reason : ""),
      style: "color: inherit",
    }, several ? String(seed.seed) : "report")]);
  }

  function state(row) {
    return row.states === "finished" ? null : el("div", { class: row.failed ? "bad" : "muted" }, row.states);
  }

  /** A map for one measure and one combination of the other axes: a table whose cells are coloured. */
  function map(measure, rows, others) {
    const known = data.rows.map((row) => row[measure.key].mean).filter((mean) => mean != null);
    const low = Math.min(...known);
    const high = Math.max(...known);
    const cell = (row) => {
      if (!row) {
        return page.DASH;
      }
      const mean = row[measure.key].mean;
      const share = high > low ? (mean - low) / (high - low) : 0.5;
      return el("div", { "data-heat": mean == null ? null : Math.round(4 + 36 * share) },
        text(measure, row[measure.key]), row.best && el("strong", {}, " best"), el("br"), links(row), state(row));
    };
    const caption = measure.title + ": " + data.rowAxis.name + " down, " + data.columns.name + " across"
      + (others ? "; " + others : "");
    const table = page.table(caption,
      [{ name: data.rowAxis.name }, ...data.columns.values.map((value) => ({ name: value, number: true }))],
      data.rowAxis.values.map((value) => ({
        cells: [value, ...data.columns.values.map((column) =>
          cell(rows.find((row) => row.at[0] === value && row.at[1] === column)))],
      })));
    table.querySelectorAll("[data-heat]").forEach((content) => {
      content.parentElement.style.background = `color-mix(in srgb, var(--series-1) ${content.dataset.heat}%, var(--sheet))`;
    });
    return table;
  }

  main.append(
    page.navigation([...data.measures.map((measure) => [measure.key, measure.title]), ["all", "All points"]]),
    el("h1", {}, "Sweep"),
    el("p", {}, data.summary),
    el("p", {}, data.best ? ["Best mean kNN accuracy: ", el("strong", {}, data.best), ", in best.conf."] : "There is no best point yet."));

  const columns = "grid-template-columns: repeat(auto-fit, minmax(min(100%, 46rem), 1fr))";
  main.append(el("div", { class: "halves", style: columns }, data.measures.map((measure) =>
    page.section(measure.key, measure.title,
      measure.warning && el("p", { role: "note" }, el("strong", {}, "Not for choosing a model. "), measure.warning),
      data.groups.map((group) => map(measure, data.rows.filter((row) => row.group === group), group))))));

  main.append(page.section("all", "All points",
    page.table("Every combination; means" + (data.seeds > 1 ? " and standard deviations over " + data.seeds + " seeds" : ""),
      [...data.axes.map((name) => ({ name })), { name: "learning rate", number: true },
        ...data.measures.map((measure) => ({ name: measure.title, number: true })), { name: "state" }, { name: "reports" }],
      data.rows.map((row) => ({
        className: row.best ? "ours" : null,
        cells: [...row.values, page.number(row.learning_rate),
          ...data.measures.map((measure) => text(measure, row[measure.key])),
          row.states + (row.reasons.length ? ": " + row.reasons.join("; ") : ""), el("span", {}, links(row))],
      })))));
})();
