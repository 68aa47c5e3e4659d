"use strict";
(() => {
  const { data, main, el, number, percent, bytes, duration, date, DASH } = page;
  const runs = data.runs;
  const single = runs.length === 1 ? runs[0] : null;

  // The horizontal axis: steps, epochs where it is known how many steps they have, or the time since the start.
  const axes = {
    step: { name: "Step", usable: () => true, of: (run, step) => step },
    epoch: { name: "Epoch", usable: (run) => run.stepsPerEpoch != null, of: (run, step) => step / run.stepsPerEpoch },
    time: {
      name: "Hours since the start",
      usable: (run) => run.history.time.length > 0 && run.history.time.every((time) => time != null),
      of: (run, step, time) => (time - run.history.time[0]) / 3600,
    },
  };
  let axis = "step";

  /** One or several runs' curves on one axis: {x, series}. */
  function curves(wanted) {
    const tables = [];
    const series = [];
    for (const { run, label, name, tone, band, scale, dashed } of wanted) {
      const curve = run.history.curves[name];
      if (curve) {
        const times = run.history.time;
        const x = run.history.step.map((step, i) => axes[axis].of(run, step, times[i]));
        const scaled = (values) => (scale && values ? values.map((v) => (v == null ? null : v * scale)) : values);
        const one = { label, tone, dashed, mean: scaled(curve.mean) };
        if (band && curve.low) {
          one.low = scaled(curve.low);
          one.high = scaled(curve.high);
        }
        tables.push({ x: increasing(x), one });
        series.push(one);
      }
    }
    if (tables.length === 0) {
      return { x: [], series: [] };
    }
    const joined = uPlot.join(tables.map(({ x, one }) => [x, one.mean, ...(one.low ? [one.low, one.high] : [])]));
    let at = 1;
    for (const one of series) {
      one.values = joined[at++];
      if (one.low) {
        one.low = joined[at++];
        one.high = joined[at++];
      }
    }
    return { x: joined[0], series };
  }

  /** A clock that was set back leaves no point in front of another. */
  function increasing(values) {
    let last = -Infinity;
    return values.map((value) => (last = Math.max(value, last + 1e-9)));
  }

  function ofRuns(name, options) {
    return runs.map((run, i) => ({ run, label: single ? options?.label ?? run.name : run.name, name, tone: single ? options?.tone ?? 1 : (i % 8) + 1, band: runs.length <= 3, ...options?.more }));
  }

  function xAxis(x) {
    return { label: axes[axis].name, values: x, format: axis === "step" ? (v) => number(Math.round(v)) : (v) => number(v) };
  }

  const KINDS = { "resumed": 1, "executors lost": 7, "images skipped": 5, "collapsed": 4 };

  function marks() {
    return single
      ? single.history.events.filter((event) => event.kind !== "images skipped")
        .map((event) => ({ x: axes[axis].of(single, event.step, event.time), tone: "series-" + KINDS[event.kind] }))
      : [];
  }

  function chart(title, wanted, options) {
    const { x, series } = curves(wanted);
    return page.chart({ title, x: xAxis(x), series, marks: marks(), group: "steps", ...options });
  }

  function names(prefix) {
    const found = new Set();
    runs.forEach((run) => Object.keys(run.history.curves).filter((name) => name.startsWith(prefix)).forEach((name) => found.add(name)));
    return [...found];
  }

  const PHASES = ["shards", "embed", "gather", "loss", "backward", "average", "update"];

  function phases(kind) {
    const own = names(kind + ".").map((name) => name.slice(kind.length + 1));
    const ordered = [...PHASES.filter((phase) => own.includes(phase)), ...own.filter((phase) => !PHASES.includes(phase))];
    return ordered.map((phase, i) => ({ run: single, label: phase, name: kind + "." + phase, tone: (i % 8) + 1 }));
  }

  function dimension(run) {
    const setting = run.settings.find(({ key }) => key === "projection.dim");
    return setting ? Number(setting.value) : null;
  }

  function flat(label, value, x) {
    return { label, values: x.map(() => value), dashed: true, tone: 8 };
  }

  // The parts of the page that depend on the axis.
  function training() {
    const charts = [
      chart("Loss", ofRuns("loss", { label: "loss" }), { note: single ? "NT-Xent, the mean over the global batch; the band is the range within a point." : null }),
      chart("Contrastive accuracy", ofRuns("contrastive_accuracy", { label: "contrastive accuracy", tone: 3 }),
        { format: percent, axis: (v) => page.short(100 * v) + " %", note: "How often the other view of an image is the most similar. It does not rank models: larger batches and lower temperatures change it by themselves." }),
      judged(),
      chart("Learning rate", ofRuns("learning_rate", { label: "learning rate", tone: 5 }), { zero: true }),
      chart("Images per second", ofRuns("images_per_second", { label: "images/s", tone: 6 }), { zero: true }),
    ];
    if (single) {
      charts.push(
        chart("Seconds of a step, by phase", phases("seconds"), { stacked: true, format: duration, axis: (v) => page.short(v) + " s" }),
        chart("Bytes moved in a step, by phase", phases("bytes"), { stacked: true, format: bytes, axis: bytes, binary: true }),
        chart("Memory", names("memory.").map((name, i) => ({ run: single, label: name.slice(7).replace("_", ", "), name, tone: (i % 8) + 1 })),
          { zero: true, format: bytes, axis: bytes, binary: true, note: "The driver's process, and the largest of the executors'. Where Spark is embedded they are one." }));
    } else {
      charts.push(chart("Memory of the largest executor", ofRuns("memory.executor_resident"), { zero: true, format: bytes, axis: bytes, binary: true }));
    }
    return charts;
  }

  function judged() {
    const tables = runs.map((run) => {
      const points = run.history.judged.map(({ step, time, knn }) => [axes[axis].of(run, step, time), knn]);
      const last = run.summary?.knn_accuracy;
      if (last != null && run.history.step.length > 0) {
        const end = run.history.step.length - 1;
        points.push([axes[axis].of(run, run.history.step[end], run.history.time[end]), last]);
      }
      return points;
    });
    const some = runs.map((run, i) => ({ run, i })).filter(({ i }) => tables[i].length > 0);
    if (some.length === 0) {
      return page.chart({ title: "kNN accuracy", x: xAxis([]), series: [], note: "evaluate.every-epochs sets how often it is found during training." });
    }
    const joined = uPlot.join(some.map(({ i }) => [increasing(tables[i].map(([x]) => x)), tables[i].map(([, knn]) => knn)]));
    const series = some.map(({ run, i }, at) => ({ label: single ? "trained encoder" : run.name, values: joined[at + 1], tone: single ? 4 : (i % 8) + 1, points: joined[0].length < 2 }));
    if (single) {
      for (const [name, label] of [["knn_accuracy_random_encoder", "untrained encoder"], ["knn_accuracy_raw_pixels", "raw pixels"]]) {
        if (single.summary?.[name] != null) {
          series.push({ ...flat(label, single.summary[name], joined[0]), tone: name.endsWith("pixels") ? 8 : 2, points: joined[0].length < 2 });
        }
      }
    }
    return page.chart({ title: "kNN accuracy", x: xAxis(joined[0]), series, marks: marks(), group: "steps", format: percent, axis: (v) => page.short(100 * v) + " %",
      note: "On test images, by nearest neighbours on h; during training on a fixed sample." });
  }

  function collapse() {
    const std = curves(ofRuns("embedding_std", { label: "embedding_std", tone: 1 }));
    const rank = curves(ofRuns("effective_rank", { label: "effective rank", tone: 3 }));
    const dim = single && dimension(single);
    if (dim) {
      std.series.push(flat("spread over the sphere", 1 / Math.sqrt(dim), std.x));
    }
    return [
      page.chart({ title: "Standard deviation of the embeddings", x: xAxis(std.x), series: std.series, zero: true, marks: marks(), group: "steps",
        note: "Near 0 all embeddings are the same: a collapse." }),
      page.chart({ title: "Effective rank", x: xAxis(rank.x), series: rank.series, zero: true, marks: marks(), group: "steps",
        note: dim ? `Directions that the embeddings use, of ${dim}. Near 1: a collapse.` : "Directions that the embeddings use. Near 1: a collapse." }),
      chart("Contrastive entropy", ofRuns("contrastive_entropy", { label: "contrastive entropy", tone: 5 }), { zero: true,
        note: "Of the distribution that the loss makes of similarities: low temperatures and hard negatives lower it." }),
      ...(single ? [spectrum()] : []),
    ];
  }

  function spectrum() {
    const spectra = single.history.spectra.filter(({ values }) => values.some((value) => value > 0));
    const most = Math.max(0, ...spectra.map(({ values }) => values.length));
    const x = Array.from({ length: most }, (none, i) => i + 1);
    const shown = spectra.length <= 5 ? spectra
      : [0, 1, 2, 3, 4].map((i) => spectra[Math.round((i * (spectra.length - 1)) / 4)]);
    return page.chart({
      title: "Spectrum of the embeddings", x: { label: "Singular value, the largest first", values: x },
      series: shown.map(({ step, values }, i) => ({ label: "step " + number(step), tone: (i % 8) + 1, values: x.map((none, k) => (values[k] > 0 ? values[k] : null)) })),
      logarithmic: true, format: (v) => number(v),
      note: "The share of each singular value of the batch's unit vectors. A cliff: the dimensions behind it have collapsed.",
    });
  }

  function happened() {
    const kinds = Object.keys(KINDS).filter((kind) => single.history.events.some((event) => event.kind === kind));
    if (kinds.length === 0) {
      return [el("p", {}, "Nothing: no resume, no lost executor, no skipped image, no collapse.")];
    }
    const points = single.history.events.map((event) => ({ ...event, x: axes[axis].of(single, event.step, event.time) }))
      .sort((a, b) => a.x - b.x);
    const x = increasing(points.map((point) => point.x));
    const start = axes[axis].of(single, single.history.step[0], single.history.time[0]);
    const end = axes[axis].of(single, single.history.step.at(-1), single.history.time.at(-1));
    const all = [start, ...x, end].map((v, i, list) => (i === 0 || v > list[i - 1] ? v : null));
    const kept = all.map((v, i) => ({ v, i })).filter(({ v }) => v != null);
    const series = kinds.map((kind) => ({
      label: kind, tone: KINDS[kind], points: true,
      values: kept.map(({ i }) => (i > 0 && i <= points.length && points[i - 1].kind === kind ? points[i - 1].count : null)),
    }));
    const every = points.slice(-200).reverse();
    return [
      el("div", { class: "cards" }, page.chart({ title: "How often, and when", wide: true, x: xAxis(kept.map(({ v }) => v)), series, zero: true, group: "steps" })),
      el("details", {}, el("summary", {}, "All of it, the latest first"),
        page.table("Events", [{ name: "What" }, { name: "Step", number: true }, { name: "When" }, { name: "How many", number: true }],
          every.map((event) => ({ cells: [event.kind, event.from === event.step ? number(event.step) : number(event.from) + "\u2013" + number(event.step),
            date(event.time), number(event.count)] })))),
    ];
  }

  // The parts that do not.
  function tiles() {
    const run = single;
    const last = (name) => run.history.curves[name]?.mean.at(-1);
    const entries = [
      ["State", run.state, run.reason],
      ["Step", number(run.step) + (run.steps ? " of " + number(run.steps) : "")],
      ["Loss", number(run.loss ?? last("loss"))],
      ["kNN accuracy", percent(run.knn_accuracy)],
      ["Linear probe", percent(run.linear_accuracy)],
      ["Images per second", number(run.images_per_second)],
      ["Effective rank", number(last("effective_rank")), dimension(run) ? "of " + dimension(run) : null],
      ["Checkpoint", run.checkpoint_step == null ? "none" : "step " + number(run.checkpoint_step)],
    ];
    return el("dl", { class: "tiles" }, entries.map(([name, value, small]) =>
      el("div", { class: "tile" }, el("dt", {}, name), el("dd", { class: value === "failed" || value === "stale" ? "bad" : value === "finished" ? "good" : null }, value, small && el("small", {}, small)))));
  }

  function learned() {
    const summary = single.summary ?? {};
    const rows = [
      { className: "ours", cells: ["trained encoder, this run", percent(summary.knn_accuracy), percent(summary.linear_accuracy)] },
      { cells: ["untrained encoder", percent(summary.knn_accuracy_random_encoder), DASH] },
      { cells: ["raw pixels", percent(summary.knn_accuracy_raw_pixels), DASH] },
    ];
    const parts = [];
    if (summary.knn_accuracy != null) {
      parts.push(page.table(
        summary.evaluation_test_images ? `Accuracy on ${number(summary.evaluation_test_images)} test images` : "Accuracy on test images",
        [{ name: "Representation" }, { name: "kNN", number: true }, { name: "Linear probe", number: true }], rows));
    } else {
      parts.push(el("p", {}, single.history.judged.length > 0
        ? `Not judged on all test images yet; kNN on the sample is at ${percent(single.history.judged.at(-1).knn)}.`
        : "Not judged yet: this is done at the end of training, where data.test names labelled images."));
    }
    return parts;
  }

  function setting(run, key) {
    return run.settings.find((one) => one.key === key)?.value;
  }

  function published() {
    const found = single?.published;
    if (!found) {
      return [];
    }
    const epochs = single.stepsPerEpoch && single.step ? single.step / single.stepsPerEpoch : Number(setting(single, "train.epochs"));
    const ours = [["linear", single.summary?.linear_accuracy], ["knn", single.summary?.knn_accuracy]].filter(([, accuracy]) => accuracy != null)
      .map(([measure, accuracy]) => ({ ours: true, encoder: "ResNet-" + setting(single, "encoder.depth")
        + (Number(setting(single, "encoder.width")) === 1 ? "" : " (width " + setting(single, "encoder.width") + ")"),
      epochs, batch: Number(setting(single, "train.batch")), measure, accuracy, source: "this run", note: null }));
    const all = [...ours, ...found.figures];
    const x = [...new Set(all.map((figure) => figure.epochs))].sort((a, b) => a - b);
    const groups = new Map();
    for (const figure of all) {
      const name = figure.ours ? `this run, ${measureName(figure.measure)}` : `${figure.encoder}, ${measureName(figure.measure)}${figure.note === "square-root learning rate" ? " (square root)" : ""}`;
      groups.set(name, [...(groups.get(name) ?? []), figure]);
    }
    // The best of each kind at so many epochs; the table has them all.
    const series = [...groups].map(([label, figures]) => ({
      label, points: true,
      values: x.map((epoch) => figures.filter((figure) => figure.epochs === epoch).reduce((best, figure) => (best == null ? figure.accuracy : Math.max(best, figure.accuracy)), null)),
    }));
    const chart = page.chart({ title: `${found.dataset}: accuracy by epochs`, logarithmicX: x[0] > 0, x: { label: "Epochs", values: x }, series,
      format: percent, axis: (v) => page.short(100 * v) + " %", note: "The best figure of each kind at so many epochs." });
    const rows = all.map((figure) => ({
      className: figure.ours ? "ours" : null,
      cells: [figure.encoder, number(figure.epochs), figure.batch ? number(figure.batch) : DASH, measureName(figure.measure), percent(figure.accuracy),
        el("span", {}, figure.url ? el("a", { href: figure.url, rel: "noreferrer" }, figure.source) : figure.source, figure.note && ", " + figure.note)],
    }));
    const part = single.images !== found.images
      ? el("p", {}, `This run saw ${number(single.images)} of the ${number(found.images)} training images; the published figures are for all of them.`) : null;
    return [page.section("published", "Beside published figures", part, el("div", { class: "halves" }, chart,
      el("details", { class: "card", open: rows.length <= 20 }, el("summary", {}, "Every figure with its source"),
        page.table("SimCLR on " + found.dataset, [{ name: "Encoder" }, { name: "Epochs", number: true }, { name: "Batch", number: true },
          { name: "Measure" }, { name: "Accuracy", number: true }, { name: "Source", wide: true }], rows))))];
  }

  function measureName(measure) {
    return measure === "knn" ? "kNN" : "linear probe";
  }

  function picture(source, text, pixels) {
    return el("img", { src: source, alt: text, decoding: "async", class: pixels ? "pixels" : null });
  }

  function views() {
    const found = single?.views;
    if (!found?.images?.length) {
      return [];
    }
    const pixels = found.size < 96;
    return [page.section("views", "Views",
      el("p", {}, "Images, each with the two views of the first epoch that the encoder learns to bring together."),
      el("div", { class: "images" }, found.images.map((image) => el("figure", { class: "card" },
        el("div", { class: "strip" },
          el("span", { class: "query" }, picture(image.whole, "Image " + image.name, pixels), image.label ?? ""),
          image.views.map((view, i) => el("span", {}, picture(view, `View ${i + 1} of ${image.name}`, pixels), "view " + (i + 1))))))))];
  }

  function neighbours() {
    const found = single?.neighbours;
    if (!found?.queries?.length) {
      return [];
    }
    const pixels = found.size < 96;
    return [page.section("neighbours", "Nearest neighbours",
      el("p", {}, `Test images, each with the labelled images that are nearest by cosine similarity on h, after step ${number(found.step)}. `
        + "A solid frame: the same class; a dashed one: another."),
      el("div", { class: "cards" }, found.queries.map((query) => el("figure", { class: "card" },
        el("div", { class: "strip" },
          el("span", { class: "query" }, picture(query.image, "Query " + query.name, pixels), el("strong", {}, query.label ?? "query")),
          query.neighbours.map((one) => el("span", { class: one.label == null ? null : one.label === query.label ? "right" : "wrong" },
            picture(one.image, `Neighbour ${one.name}, ${one.label === query.label ? "the same class" : "another class"}`, pixels),
            (one.label ?? "") + " ", el("span", { class: "muted" }, one.similarity.toFixed(3)))))))))];
  }

  function configuration() {
    const keys = [...new Set(runs.flatMap((run) => run.settings.map(({ key }) => key)))].sort();
    const rows = keys.map((key) => {
      const settings = runs.map((run) => run.settings.find((one) => one.key === key));
      const known = settings.find((one) => one);
      const differs = single ? known.differs : new Set(settings.map((one) => one?.value)).size > 1;
      return { key, differs, cells: [el("code", { title: known.meaning }, key), ...settings.map((one) => el("code", {}, one?.value ?? DASH)),
        ...(single ? [el("code", {}, known.default), known.meaning] : [])] };
    });
    const only = el("input", { type: "checkbox", id: "only-differing", checked: !single || window.innerWidth < 700 });
    const search = el("input", { type: "search", id: "key-search", placeholder: "train.batch", "aria-label": "Search keys" });
    const target = el("div", {});
    const draw = () => {
      const wanted = rows.filter((row) => (!only.checked || row.differs) && row.key.includes(search.value.trim()));
      target.replaceChildren(wanted.length === 0 ? el("p", {}, "No such key.")
        : page.table(`${wanted.length} of ${rows.length} keys` + (single ? "; marked: not the default" : "; marked: not the same in all runs"),
          [{ name: "Key" }, ...runs.map((run) => ({ name: single ? "Value" : run.name })), ...(single ? [{ name: "Default" }, { name: "Meaning", wide: true }] : [])],
          wanted.map((row) => ({ className: row.differs ? "differs" : null, cells: row.cells }))));
    };
    only.addEventListener("change", draw);
    search.addEventListener("input", draw);
    draw();
    return page.section("configuration", "Configuration",
      el("div", { class: "controls" }, el("label", {}, only, single ? " only what differs from the defaults" : " only what differs between the runs"), el("label", {}, "Search ", search)),
      target);
  }

  function comparison() {
    return page.section("learned", "The runs",
      page.table("What came out, beside how it went",
        [{ name: "Run" }, { name: "State" }, { name: "Step", number: true }, { name: "Loss", number: true }, { name: "kNN", number: true }, { name: "Linear probe", number: true },
          { name: "Untrained, kNN", number: true }, { name: "Raw pixels, kNN", number: true }, { name: "Images/s", number: true }],
        runs.map((run) => ({ cells: [el("span", { title: run.run }, run.name), run.state + (run.reason ? ": " + run.reason : ""),
          number(run.step) + (run.steps ? " of " + number(run.steps) : ""), number(run.loss), percent(run.knn_accuracy), percent(run.linear_accuracy),
          percent(run.summary?.knn_accuracy_random_encoder), percent(run.summary?.knn_accuracy_raw_pixels),
          number(run.summary?.images_per_second ?? run.images_per_second)] }))));
  }

  const moving = el("div", {});
  function drawMoving() {
    moving.replaceChildren(
      page.section("training", "Training", el("div", { class: "cards" }, training())),
      page.section("collapse", "Collapse watch", el("div", { class: "cards" }, collapse())),
      ...(single && single.history.step.length > 0 ? [page.section("events", "What happened", happened())] : []));
  }

  /** What the vertical lines are. */
  function key() {
    const kinds = new Set((single?.history.events ?? []).map(({ kind }) => kind).filter((kind) => kind !== "images skipped"));
    return kinds.size === 0 ? null : el("span", { class: "muted" }, "Vertical lines: ",
      [...kinds].map((kind) => el("span", { class: "key tone-" + KINDS[kind] }, kind)));
  }

  const choice = el("select", { id: "axis" }, Object.entries(axes).filter(([, one]) => runs.every(one.usable))
    .map(([key, one]) => el("option", { value: key }, one.name)));
  choice.addEventListener("change", () => {
    axis = choice.value;
    drawMoving();
  });
  drawMoving();

  const publishedPart = published();
  const viewsPart = views();
  const neighboursPart = neighbours();
  const links = [["learned", single ? "Learned" : "Runs"], publishedPart.length && ["published", "Published"], ["training", "Training"], ["collapse", "Collapse"],
    single && single.history.step.length > 0 && ["events", "Events"], viewsPart.length && ["views", "Views"], neighboursPart.length && ["neighbours", "Neighbours"], ["configuration", "Configuration"]].filter(Boolean);
  main.before(page.navigation(links));
  main.append(...[
    el("h1", {}, single ? single.name : `${runs.length} runs compared`),
    el("p", { class: "muted" }, single && el("code", {}, single.run), single && " \u00b7 ", "written " + date(data.written)),
    single ? tiles() : null,
    ...(single ? [page.section("learned", "What was learned", learned()), ...publishedPart] : [comparison()]),
    el("div", { class: "controls" }, el("label", {}, "Curves over ", choice), key()),
    moving, ...viewsPart, ...neighboursPart, configuration()].filter(Boolean));
})();
