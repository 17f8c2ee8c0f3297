// The changes of a plan: a list to search, filter and open. All text comes from #data and is set as text.

const CHUNK = 150; // rows that are put into the page at a time
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const rows = decoded(data);
const state = { words: [], actions: new Set(), order: "grave", found: [], shown: 0 };
let graph = null;

/** The rows of the data as objects. The order of the fields is that of `_row` in pagedata.py. */
function decoded({ words, rows: packed, pictures }) {
  return packed.map((fields, at) => {
    const [index, action, kind, symbol, address, headline, reason, minimum, expected, maximum, told, picture, file, line] = fields;
    const details = told.map(([name, before, after]) => ({ name: words[name], before, after }));
    return {
      at, index, minimum, expected, maximum, address, details, line,
      action: words[action], kind: words[kind], symbol: words[symbol], headline: words[headline],
      reason: words[reason], file: words[file], picture: pictures[picture],
    };
  });
}

function element(name, settings = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const counted = (number, thing) => `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;

// ---- The list

function haystack(row) {
  row.text ??= [row.address, row.headline, row.reason, row.file, ...row.details.flatMap((one) => [one.name, one.before, one.after])]
    .join(" ").toLowerCase();
  return row.text;
}

function matches(row) {
  return (!state.actions.size || state.actions.has(row.action)) && state.words.every((word) => haystack(row).includes(word));
}

const ORDERS = { grave: (a, b) => a.at - b.at, plan: (a, b) => a.index - b.index, dear: (a, b) => b.expected - a.expected || a.at - b.at };

function show() {
  state.found = rows.filter(matches).sort(ORDERS[state.order]);
  state.shown = 0;
  byId("rows").replaceChildren();
  byId("found").textContent = state.found.length === rows.length
    ? counted(rows.length, "change")
    : `${state.found.length.toLocaleString("en")} of ${counted(rows.length, "change")}`;
  showMore();
}

function showMore() {
  const next = state.found.slice(state.shown, state.shown + CHUNK);
  state.shown += next.length;
  byId("rows").append(...next.map(rowOf));
  const left = state.found.length - state.shown;
  byId("more").textContent = left ? `${left.toLocaleString("en")} more below` : "";
}

function rowOf(row) {
  const mark = element("span", { className: "mark" });
  if (row.picture) mark.append(element("img", { src: row.picture, alt: "", loading: "lazy" }));
  mark.append(element("span", {}, row.symbol));
  const what = element("div", { className: "what" },
    element("code", {}, row.address), " ", element("span", {}, row.headline), element("p", {}, ...gist(row)));
  const cost = element("div", { className: "cost" });
  if (row.maximum) {
    cost.append(counted(row.expected, "credit"));
    if (row.minimum !== row.maximum) cost.append(element("small", {}, `${row.minimum} to ${row.maximum.toLocaleString("en")}`));
  }
  const made = element("details", { className: `row ${row.action}` }, element("summary", {}, mark, what, cost, element("i", { "aria-hidden": "true" })));
  made.addEventListener("toggle", () => made.open && made.childElementCount === 1 && made.append(moreOf(row)));
  return made;
}

/** What one sees of a change before it is opened: what is edited, or else its name; then the reason. */
function gist(row) {
  const edits = row.details.filter((one) => one.before !== null && one.after !== null && one.before !== one.after);
  const told = edits.slice(0, 2).flatMap((one) => [`${one.name} `, ...sides(one), " · "]);
  const named = row.details.find((one) => one.name === "name");
  if (!edits.length && named) told.push(named.after ?? named.before, " · ");
  const outputs = row.details.filter((one) => one.name === "output").map((one) => one.after);
  if (outputs.length) told.push(outputs.join(", "), " · ");
  return [...told, row.reason];
}

function sides({ before, after }) {
  const parts = [];
  if (before !== null && before !== after) parts.push(element("code", { className: "before" }, before || "empty"));
  if (parts.length && after !== null) parts.push(element("span", { className: "arrow" }, " → "));
  if (after !== null) parts.push(element("code", { className: before === after ? "" : "after" }, after || "empty"));
  return parts;
}

function moreOf(row) {
  const list = element("dl");
  const add = (name, ...told) => list.append(element("dt", {}, name), element("dd", {}, ...told));
  for (const one of row.details) add(one.name, ...sides(one));
  if (row.reason) add("because", row.reason);
  if (row.file) add("manifest", element("code", {}, row.line ? `${row.file}:${row.line}` : row.file));
  const { before, after } = neighbours(row.at);
  if (before.length) add("waits for", ...linksTo(before));
  if (after.length) add("needed by", ...linksTo(after));
  return element("div", { className: "more" }, list);
}

function neighbours(at) {
  const found = { before: [], after: [] };
  for (let edge = 0; edge < data.edges.length; edge += 2) {
    if (data.edges[edge + 1] === at) found.before.push(data.edges[edge]);
    if (data.edges[edge] === at) found.after.push(data.edges[edge + 1]);
  }
  return found;
}

function linksTo(positions) {
  const links = positions.slice(0, 20).map((at) => element("button", { onclick: () => read(at) }, rows[at].address));
  const more = positions.length > 20 ? [`and ${positions.length - 20} more`] : [];
  return [element("span", { className: "links" }, ...links), ...more];
}

/** Show one change alone, opened. */
function read(at) {
  state.actions.clear();
  showChips();
  search(rows[at].address);
  choose("changes");
  state.found = [rows[at], ...state.found.filter((row) => row.at !== at)];
  state.shown = 0;
  byId("rows").replaceChildren();
  showMore();
  const first = byId("rows").firstElementChild;
  first.open = true;
  first.querySelector("summary").focus();
}

function search(text) {
  byId("search").value = text;
  state.words = text.toLowerCase().split(/\s+/).filter(Boolean);
  show();
}

function makeChips() {
  const numbers = new Map();
  for (const row of rows) numbers.set(row.action, (numbers.get(row.action) ?? 0) + 1);
  byId("actions").append(...[...numbers].map(([action, number]) => element("button", {
    className: action,
    "data-action": action,
    onclick: () => {
      if (!state.actions.delete(action)) state.actions.add(action);
      showChips();
      show();
    },
  }, `${action} ${number.toLocaleString("en")}`)));
}

/** The same buttons stay: whoever pressed one keeps the focus on it. */
function showChips() {
  for (const chip of byId("actions").children) chip.setAttribute("aria-pressed", state.actions.has(chip.dataset.action));
}

// ---- Credits

function showCosts() {
  const sums = new Map();
  for (const row of rows.filter((one) => one.maximum)) {
    const sum = sums.get(row.action) ?? { action: row.action, number: 0, minimum: 0, expected: 0, maximum: 0 };
    for (const name of ["minimum", "expected", "maximum"]) sum[name] += row[name];
    sum.number += 1;
    sums.set(row.action, sum);
  }
  const dearest = Math.max(1, ...[...sums.values()].map((sum) => sum.expected));
  const cell = (text) => element("td", { className: "number" }, text.toLocaleString("en"));
  const heads = ["Action", "Changes", "Least", "Expected", "Most", ""];
  byId("costs").append(element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head, at) => element("th", { className: at % 5 ? "number" : "" }, head)))),
    element("tbody", {}, ...[...sums.values()].sort((a, b) => b.expected - a.expected).map((sum) => element("tr", { className: sum.action },
      element("td", {}, sum.action), cell(sum.number), cell(sum.minimum), cell(sum.expected), cell(sum.maximum),
      element("td", { className: "gauge" }, gauge(sum.expected / dearest)))))));
}

function gauge(share) {
  const made = shape("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" });
  made.append(shape("rect", { class: "ground", width: 100, height: 10, rx: 2 }), shape("rect", { width: 100 * share, height: 10, rx: 2 }));
  return made;
}

// ---- Tabs and keys

function choose(name) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.getAttribute("aria-controls") === name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (name === "graph" && !graph) {
    graph = new Graph(byId("drawing"), rows, data.edges, read);
    graph.draw();
    graph.fit();
  }
}

/** Arrows go from tab to tab, and around. */
function onTabKey(event) {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step) % tabs.length];
  choose(next.getAttribute("aria-controls"));
  next.focus();
}

function onKey(event) {
  const typing = event.target === byId("search");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    choose("changes");
    byId("search").focus();
  } else if (event.key === "Escape" && typing) {
    search("");
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const here = event.target.closest?.(".row");
    const to = typing ? byId("rows").firstElementChild : event.key === "ArrowDown" ? here?.nextElementSibling : here?.previousElementSibling;
    if (!to || (typing && event.key === "ArrowUp")) return;
    event.preventDefault();
    to.querySelector("summary").focus();
  }
}

for (const tab of document.querySelectorAll("[role=tab]")) tab.addEventListener("click", () => choose(tab.getAttribute("aria-controls")));
document.querySelector("[role=tablist]").addEventListener("keydown", onTabKey);
byId("search").addEventListener("input", (event) => {
  choose("changes");
  search(event.target.value);
});
byId("order").addEventListener("change", (event) => {
  state.order = event.target.value;
  show();
});
byId("close").addEventListener("click", () => graph.close());
byId("zoom-in").addEventListener("click", () => graph.zoom(1.3));
byId("zoom-out").addEventListener("click", () => graph.zoom(1 / 1.3));
byId("zoom-fit").addEventListener("click", () => graph.fit());
document.addEventListener("keydown", onKey);
// Paper does not scroll: all that was found is printed, however far one has read.
window.addEventListener("beforeprint", () => {
  while (state.shown < state.found.length) showMore();
});
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && state.shown < state.found.length && showMore(), { rootMargin: "600px" })
  .observe(byId("more"));
document.querySelector(".board").hidden = !rows.length;
makeChips();
showChips();
show();
showCosts();
const asked = location.hash.replace("#show-", "");
if (["graph", "costs"].includes(asked)) choose(asked);
