"use strict";
/**
 * What all pages share. A page's own script finds its data in page.data and fills page.main:
 *
 *   page.el(tag, attributes, ...children)    an element; strings among the children become text, whatever they hold;
 *                                            an attribute such as onclick takes a function
 *   page.navigation([[id, text], ...])       the bar at the top, with the switch between dark and light
 *   page.section(id, title, ...children)     a part of the page that the bar can lead to
 *   page.table(caption, columns, rows)       columns: {name, number?, wide?}; rows: {cells, className?}; a cell is text or a node
 *   page.chart(options)                      a card with a chart, see chart() below
 *   page.number(value), page.percent(value)  as people read them; a dash for what is not there
 */
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const charts = new Set();
  const root = document.documentElement;
  const DASH = "\u2013";

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (typeof value === "function") {
        node.addEventListener(name.slice(2), value);
      } else if (value === true) {
        node.setAttribute(name, "");
      } else if (value !== false && value != null) {
        node.setAttribute(name, value);
      }
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
    return node;
  }

  const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

  /** Four digits at most, with a suffix where there are many before the point. */
  function number(value) {
    if (value == null || !Number.isFinite(value)) {
      return DASH;
    }
    const size = Math.abs(value);
    if (size >= 1e15) {
      return value.toExponential(2);
    }
    if (size >= 1e4 || (Number.isInteger(value) && size >= 1000)) {
      return grouped.format(value);
    }
    if (size !== 0 && size < 1e-3) {
      return value.toExponential(2);
    }
    return String(Number(value.toPrecision(4)));
  }

  /** For an axis, short: 1.2M, 20k, 0.05. */
  function short(value) {
    for (const [unit, suffix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
      if (Math.abs(value) >= unit) {
        const divisor = suffix === "k" ? 1e3 : unit;
        return Number((value / divisor).toPrecision(6)) + suffix;
      }
    }
    return Math.abs(value) > 0 && Math.abs(value) < 1e-3
      ? value.toExponential(0)
      : String(Number(value.toPrecision(6)));
  }

  function percent(fraction) {
    return fraction == null || !Number.isFinite(fraction) ? DASH : (100 * fraction).toFixed(1) + "\u00a0%";
  }

  function bytes(value) {
    if (value == null || !Number.isFinite(value)) {
      return DASH;
    }
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let size = value;
    let unit = 0;
    while (Math.abs(size) >= 1024 && unit < units.length - 1) {
      size /= 1024;
      unit++;
    }
    return Number(size.toPrecision(3)) + "\u00a0" + units[unit];
  }

  function duration(seconds) {
    if (seconds == null || !Number.isFinite(seconds)) {
      return DASH;
    }
    if (seconds < 1) {
      return Number((1000 * seconds).toPrecision(3)) + "\u00a0ms";
    }
    if (seconds < 120) {
      return Number(seconds.toPrecision(3)) + "\u00a0s";
    }
    const minutes = Math.round(seconds / 60);
    if (minutes < 120) {
      return minutes + "\u00a0min";
    }
    const hours = Math.round(minutes / 60);
    return hours < 48 ? hours + "\u00a0h" : Math.round(hours / 24) + "\u00a0days";
  }

  function date(seconds) {
    return seconds == null ? DASH : new Date(1000 * seconds).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  }

  // Dark and light: as the system has it, until the reader chooses. A page from disk may have no storage.
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try {
      return localStorage.getItem("simclr-theme");
    } catch {
      return null;
    }
  }
  function show(theme) {
    root.dataset.theme = theme;
    charts.forEach((chart) => chart.draw());
  }
  function follow() {
    show(chosen() ?? (system.matches ? "dark" : "light"));
  }
  system.addEventListener("change", follow);
  follow();

  function themeSwitch() {
    const button = el("button", { type: "button", id: "theme" });
    const name = () => {
      button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", "Show the page " + button.textContent.toLowerCase());
    };
    button.addEventListener("click", () => {
      const theme = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("simclr-theme", theme);
      } catch {
        // It holds for this visit then.
      }
      show(theme);
      name();
    });
    system.addEventListener("change", name);
    name();
    return button;
  }

  function navigation(links) {
    return el("nav", { "aria-label": "Parts of the page" },
      el("div", { class: "links" }, links.map(([id, text]) => el("a", { href: "#" + id }, text))),
      themeSwitch());
  }

  function section(id, title, ...children) {
    return el("section", { id, "aria-labelledby": id + "-title" },
      el("h2", { id: id + "-title" }, title), children);
  }

  function table(caption, columns, rows) {
    const cell = (tag, column, content, scope) =>
      el(tag, { class: column.number ? "number" : column.wide ? "wide" : null, scope }, content);
    return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      el("table", { class: "figures" },
        el("caption", {}, caption),
        el("thead", {}, el("tr", {}, columns.map((column) => cell("th", column, column.name, "col")))),
        el("tbody", {}, rows.map((row) => el("tr", { class: row.className },
          row.cells.map((content, i) =>
            i === 0 ? cell("th", columns[i], content, "row") : cell("td", columns[i], content)))))));
  }

  function colour(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  /**
   * A card with a chart. Drag over it to zoom, double-click to go back; on the keyboard, the arrows move from point to
   * point, plus and minus zoom, Escape goes back.
   *
   *   title, note     text
   *   x               {label, values, format}: the numbers of the horizontal axis, in their order
   *   series          each {label, values, low?, high?, points?, dashed?, tone?}; null where there is none; tone: 1 to 8
   *   format          how a value is written; axis: how the vertical axis writes it, where that is not short enough
   *   stacked         whether the series add up, the first at the bottom
   *   logarithmic, logarithmicX   whether an axis is
   *   binary          whether the vertical axis is divided at powers of two
   *   zero            whether the vertical axis starts at 0
   *   marks           {x, label, tone}: things that happened, as vertical lines
   *   group           charts of a group move their cursors together
   */
  function chart(options) {
    const format = options.format ?? number;
    const xFormat = options.x.format ?? number;
    const xs = options.x.values;
    const series = options.series.filter((one) => one.values.some((value) => value != null));
    const heading = el("h3", {}, options.title);
    const spoken = el("div", { class: "hidden", "aria-live": "polite" });
    const plot = el("div", { class: "plot", tabindex: 0, role: "img" });
    plot.setAttribute("aria-label", options.title + ". " + describe(series, xs, format, xFormat, options.x.label)
      + " Arrow keys read the points.");
    const card = el("figure", { class: "card" + (options.wide ? " wide" : "") }, heading,
      options.note && el("p", {}, options.note));
    if (series.length === 0 || xs.length === 0) {
      card.append(el("p", { class: "muted" }, "Nothing was recorded."));
      return card;
    }
    const values = el("details", {}, el("summary", {}, "Values as a table"));
    values.addEventListener("toggle", () => {
      if (values.open && values.childElementCount === 1) {
        values.append(valueTable(options, series, xs, format, xFormat));
      }
    });
    card.append(plot, spoken, values);

    let drawn = null;
    let hiddenLabels = new Set();
    const self = {
      draw() {
        if (!plot.isConnected) {
          drawn?.destroy();
          drawn = null;
          charts.delete(self);
          return;
        }
        const width = Math.floor(plot.clientWidth);
        if (width === 0) {
          return;
        }
        const range = drawn && zoomed(drawn, xs) ? { min: drawn.scales.x.min, max: drawn.scales.x.max } : null;
        drawn?.destroy();
        drawn = new uPlot(plotOptions(width), plotData(), plot);
        legendKeys(drawn);
        if (range) {
          drawn.setScale("x", range);
        }
      },
      resize(width) {
        drawn?.setSize({ width: Math.floor(width), height: height(width) });
      },
    };
    charts.add(self);
    let last = 0;
    // In the next frame: drawing changes sizes, which an observer must not do while it is told of them.
    new ResizeObserver(() => requestAnimationFrame(() => {
      const width = Math.floor(plot.clientWidth);
      if (!plot.isConnected) {
        self.draw();
      } else if (width > 0 && width !== last) {
        last = width;
        drawn ? self.resize(width) : self.draw();
      }
    })).observe(plot);

    function height(width) {
      return Math.round(Math.min(320, Math.max(190, 0.5 * width)));
    }

    // Series of the plot: for each of ours its line, and where it has a band the two edges.
    const lines = [];
    series.forEach((one, index) => {
      const tone = "series-" + (one.tone ?? (index % 8) + 1);
      lines.push({ one, tone, values: one.values, edge: false });
      if (one.low && one.high && !options.stacked) {
        lines.push({ one, tone, values: one.low, edge: true }, { one, tone, values: one.high, edge: true });
      }
    });

    function plotData() {
      if (!options.stacked) {
        return [xs, ...lines.map((line) => line.values)];
      }
      const sums = xs.map(() => 0);
      const shown = lines.map((line) => !hiddenLabels.has(line.one.label));
      return [xs, ...lines.map((line, l) => line.values.map((value, i) => {
        sums[i] += shown[l] ? value ?? 0 : 0;
        return sums[i];
      }))];
    }

    function plotOptions(width) {
      const axis = {
        stroke: colour("muted"),
        grid: { stroke: colour("grid"), width: 1 },
        ticks: { stroke: colour("grid"), width: 1, size: 5 },
        font: "12px system-ui, sans-serif",
        labelFont: "12px system-ui, sans-serif",
      };
      const bands = [];
      lines.forEach((line, l) => {
        const faint = transparent(colour(line.tone), options.stacked ? 0.55 : 0.16);
        if (options.stacked && l > 0) {
          bands.push({ series: [l + 1, l], fill: faint });
        } else if (line.edge && lines[l - 1].edge) {
          bands.push({ series: [l + 1, l], fill: faint });
        }
      });
      return {
        width,
        height: height(width),
        padding: [8, 24, 0, 0],
        cursor: {
          drag: { x: true, y: false, setScale: true },
          sync: options.group ? { key: options.group, setSeries: false } : undefined,
          points: { size: 6 },
        },
        scales: {
          x: { time: false, distr: options.logarithmicX ? 3 : 1 },
          y: {
            distr: options.logarithmic ? 3 : 1,
            range: options.logarithmic ? undefined : (u, low, high) => yRange(low, high, options.zero || options.stacked),
          },
        },
        axes: [
          {
            ...axis,
            label: options.x.label,
            labelSize: 18,
            size: 34,
            space: 60,
            values: (u, splits) => splits.map((value) => (value == null ? "" : (options.x.axis ?? short)(value))),
          },
          {
            ...axis,
            size: yAxisSize,
            space: 34,
            incrs: options.binary ? POWERS : undefined,
            values: (u, splits) => splits.map((value) => (value == null ? "" : (options.axis ?? short)(value))),
          },
        ],
        series: [
          { label: options.x.label, value: (u, value) => (value == null ? DASH : xFormat(value)) },
          ...lines.map((line, l) => ({
            label: line.one.label,
            show: !hiddenLabels.has(line.one.label),
            class: line.edge ? "unlisted" : undefined,
            stroke: line.edge ? "transparent" : colour(line.tone),
            width: line.edge ? 0 : line.one.points ? 0 : 1.5,
            dash: line.one.dashed ? [6, 4] : undefined,
            fill: options.stacked && l === 0 ? transparent(colour(line.tone), 0.55) : undefined,
            points: line.edge ? { show: false }
              : line.one.points || known(line.values) <= 40 ? { show: true, size: line.one.points ? 7 : 4, fill: colour(line.tone) }
              : { show: false },
            spanGaps: line.one.spanGaps ?? true,
            value: (u, value, s, index) => {
              const own = index == null ? null : line.values[index];
              return own == null ? DASH : format(own);
            },
          })),
        ],
        bands,
        hooks: {
          draw: [(u) => drawMarks(u, options.marks ?? [])],
          setSeries: [(u, index, change) => {
            if (index == null || change.show == null) {
              return;
            }
            const one = lines[index - 1].one;
            change.show ? hiddenLabels.delete(one.label) : hiddenLabels.add(one.label);
            lines.forEach((line, l) => {
              if (line.one === one && line.edge && u.series[l + 1].show !== change.show) {
                u.setSeries(l + 1, { show: change.show }, false);
              }
            });
            if (options.stacked) {
              u.setData(plotData(), false);
              u.redraw();
            }
          }],
        },
      };
    }

    /** Legend entries are buttons: Enter and space switch a series off and on. */
    function legendKeys(u) {
      u.root.querySelectorAll(".u-legend .u-series:not(.unlisted)").forEach((row, index) => {
        const label = row.querySelector("th");
        if (index === 0 || lines.filter((line) => !line.edge).length === 1) {
          return;
        }
        label.tabIndex = 0;
        label.setAttribute("role", "button");
        label.title = "Show or hide";
        label.addEventListener("keydown", (event) => {
          if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            label.click();
          }
        });
      });
    }

    plot.addEventListener("keydown", (event) => {
      if (!drawn || event.target !== plot || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const now = drawn.cursor.idx ?? -1;
      const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: xs.length - 1,
        PageDown: now + 20, PageUp: now - 20 }[event.key];
      if (to !== undefined) {
        const index = Math.max(0, Math.min(xs.length - 1, to));
        drawn.setCursor({ left: drawn.valToPos(xs[index], "x"), top: drawn.over.clientHeight / 2 });
        spoken.textContent = xFormat(xs[index]) + " " + options.x.label + ": "
          + series.map((one) => one.label + " " + (one.values[index] == null ? DASH : format(one.values[index]))).join(", ");
      } else if (event.key === "+" || event.key === "-") {
        const { min, max } = drawn.scales.x;
        const centre = drawn.cursor.idx == null ? (min + max) / 2 : xs[drawn.cursor.idx];
        const half = ((max - min) / 2) * (event.key === "+" ? 0.5 : 2);
        drawn.setScale("x", { min: Math.max(xs[0], centre - half), max: Math.min(xs[xs.length - 1], centre + half) });
      } else if (event.key === "Escape" || event.key === "0") {
        drawn.setScale("x", { min: xs[0], max: xs[xs.length - 1] });
      } else {
        return;
      }
      event.preventDefault();
    });
    return card;
  }

  const POWERS = Array.from({ length: 60 }, (none, i) => 2 ** i);

  function known(values) {
    return values.reduce((count, value) => count + (value == null ? 0 : 1), 0);
  }

  function zoomed(u, xs) {
    return u.scales.x.min > xs[0] || u.scales.x.max < xs[xs.length - 1];
  }

  function yRange(low, high, zero) {
    if (low == null || high == null) {
      return [0, 1];
    }
    const from = zero ? Math.min(0, low) : low;
    const room = high > from ? 0.06 * (high - from) : Math.abs(high) * 0.1 || 1;
    return [zero && from === 0 ? 0 : from - room, high + room];
  }

  /** As wide as the longest label. */
  function yAxisSize(u, values, axisIndex, cycle) {
    const axis = u.axes[axisIndex];
    if (cycle > 1) {
      return axis._size;
    }
    const longest = (values ?? []).reduce((a, b) => (b.length > a.length ? b : a), "");
    u.ctx.font = axis.font[0];
    return Math.ceil(12 + axis.ticks.size + u.ctx.measureText(longest).width / devicePixelRatio);
  }

  function transparent(hex, alpha) {
    const value = parseInt(hex.slice(1), 16);
    return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${alpha})`;
  }

  function drawMarks(u, marks) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    for (const mark of marks) {
      const at = Math.round(u.valToPos(mark.x, "x", true));
      if (at < bbox.left || at > bbox.left + bbox.width) {
        continue;
      }
      ctx.strokeStyle = colour(mark.tone);
      ctx.beginPath();
      ctx.moveTo(at, bbox.top);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** What a chart shows, in words. */
  function describe(series, xs, format, xFormat, xLabel) {
    return series.map((one) => {
      let first = -1;
      let last = -1;
      let low = -1;
      let high = -1;
      one.values.forEach((value, i) => {
        if (value != null) {
          first = first < 0 ? i : first;
          last = i;
          low = low < 0 || value < one.values[low] ? i : low;
          high = high < 0 || value > one.values[high] ? i : high;
        }
      });
      const at = (i) => `${format(one.values[i])} at ${xFormat(xs[i])}`;
      return first === last
        ? `${one.label}: ${at(first)}.`
        : `${one.label}: from ${at(first)} to ${at(last)} (${xLabel}); lowest ${at(low)}, highest ${at(high)}.`;
    }).join(" ");
  }

  /** At most so many rows as a person reads. */
  function valueTable(options, series, xs, format, xFormat) {
    const most = 100;
    const every = Math.max(1, Math.ceil(xs.length / most));
    const rows = [];
    for (let i = 0; i < xs.length; i++) {
      if (i % every === 0 || i === xs.length - 1) {
        rows.push({ cells: [xFormat(xs[i]), ...series.map((one) => (one.values[i] == null ? DASH : format(one.values[i])))] });
      }
    }
    return table(options.title + (every > 1 ? `, every ${every}th point` : ""),
      [{ name: options.x.label, number: true }, ...series.map((one) => ({ name: one.label, number: true }))], rows);
  }

  // Paper is white and narrower than the window.
  window.addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    charts.forEach((chart) => chart.draw());
    charts.forEach((chart) => chart.resize(330));
  });
  window.addEventListener("afterprint", () => {
    follow();
  });

  return { data, main, el, navigation, section, table, chart, number, short, percent, bytes, duration, date, DASH };
})();
