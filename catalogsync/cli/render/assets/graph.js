"use strict";
// The graph of a plan: changes stand in stages by what they wait for. Many of a kind are one box until it is opened.

const GRAPH = { width: 210, height: 42, gapX: 90, gapY: 10, members: 40, few: 40, narrow: { gapX: 26, below: 600 } };
const SVG = "http://www.w3.org/2000/svg";

/** The stage of each row: 0 when it waits for nothing, else one more than the latest it waits for. */
function stagesOf(count, edges) {
  const next = Array.from({ length: count }, () => []);
  const waiting = new Int32Array(count);
  const stage = new Int32Array(count);
  for (let at = 0; at < edges.length; at += 2) {
    next[edges[at]].push(edges[at + 1]);
    waiting[edges[at + 1]] += 1;
  }
  const ready = [];
  for (let row = 0; row < count; row += 1) if (!waiting[row]) ready.push(row);
  for (let at = 0; at < ready.length; at += 1) {
    for (const then of next[ready[at]]) {
      stage[then] = Math.max(stage[then], stage[ready[at]] + 1);
      waiting[then] -= 1;
      if (!waiting[then]) ready.push(then);
    }
  }
  return stage;
}

/** Rows of one stage, action and kind, in the order of the plan. */
function groupsOf(rows, stage) {
  const groups = new Map();
  rows.forEach((row, at) => {
    const key = `${stage[at]} ${row.action} ${row.kind}`;
    if (!groups.has(key)) groups.set(key, { key, stage: stage[at], action: row.action, kind: row.kind, members: [] });
    groups.get(key).members.push(at);
  });
  for (const group of groups.values()) group.members.sort((a, b) => rows[a].index - rows[b].index);
  return [...groups.values()];
}

/** The boxes to draw, each with its place, and the box that stands for each row. */
function layOut(rows, groups, opened, gapX) {
  const boxes = [];
  const boxOf = new Int32Array(rows.length);
  const columns = [];
  const put = (box, members) => {
    const y = columns[box.stage] ?? 0;
    columns[box.stage] = y + GRAPH.height + GRAPH.gapY;
    for (const row of members) boxOf[row] = boxes.length;
    boxes.push({ ...box, x: box.stage * (GRAPH.width + gapX), y });
  };
  for (const group of groups) {
    const { stage, action, members } = group;
    if (members.length > 1 && !opened.has(group.key)) {
      put({ stage, action, group, size: members.length }, members);
      continue;
    }
    const shown = members.slice(0, GRAPH.members);
    if (members.length > 1) columns[stage] = (columns[stage] ?? 0) + (columns[stage] ? GRAPH.gapY : 0);
    for (const row of shown) put({ stage, action, group, row }, [row]);
    const rest = members.slice(GRAPH.members);
    if (rest.length) put({ stage, action, group, size: rest.length, rest: true }, rest);
  }
  const tallest = Math.max(0, ...columns.map((height) => height ?? 0));
  for (const box of boxes) box.y += (tallest - columns[box.stage]) / 2;
  return { boxes, boxOf, width: columns.length * (GRAPH.width + gapX) - gapX, height: tallest };
}

/** Edges between boxes, with how many each stands for. */
function lines(edges, boxOf) {
  const found = new Map();
  for (let at = 0; at < edges.length; at += 2) {
    const key = `${boxOf[edges[at]]} ${boxOf[edges[at + 1]]}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return [...found].map(([key, number]) => [...key.split(" ").map(Number), number]);
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function named({ size, rest, action, group }) {
  const what = action === group.kind ? action : `${action} ${group.kind}`;
  return `${rest ? "and " : ""}${size.toLocaleString("en")} × ${what}`;
}

class Graph {
  constructor(svg, rows, edges, pick) {
    Object.assign(this, { svg, rows, edges, pick, opened: new Set(), scale: 1, x: 0, y: 0 });
    this.groups = groupsOf(rows, stagesOf(rows.length, edges));
    if (rows.length <= GRAPH.few) for (const group of this.groups) this.opened.add(group.key);
    this.layer = svg.appendChild(shape("g", {}));
    this.listen();
  }

  draw() {
    const gapX = this.narrow() ? GRAPH.narrow.gapX : GRAPH.gapX;
    this.laid = layOut(this.rows, this.groups, this.opened, gapX);
    this.layer.replaceChildren();
    this.edgeShapes = lines(this.edges, this.laid.boxOf).map((line) => this.edge(...line));
    this.laid.boxes.forEach((box, at) => this.box(box, at));
    const last = Math.max(-1, ...this.groups.map((group) => group.stage));
    for (let stage = 0; stage <= last; stage += 1) {
      const x = stage * (GRAPH.width + gapX);
      this.layer.append(shape("text", { class: "stage", x, y: -16 }, stage ? "then" : "first"));
    }
  }

  edge(from, to, number) {
    const [a, b] = [this.laid.boxes[from], this.laid.boxes[to]];
    const [x, y] = [a.x + GRAPH.width, a.y + GRAPH.height / 2];
    const [endX, endY] = [b.x, b.y + GRAPH.height / 2];
    const bend = Math.max(13, (endX - x) / 2);
    const made = shape("path", {
      class: "edge",
      d: `M${x} ${y}C${x + bend} ${y} ${endX - bend} ${endY} ${endX} ${endY}`,
      "stroke-width": Math.min(8, 1 + Math.log2(number) * 0.6),
    });
    this.layer.append(made);
    return { made, from, to };
  }

  box(box, at) {
    const one = box.row === undefined ? null : this.rows[box.row];
    const title = one ? one.address : named(box);
    const below = one ? `${one.action}, ${counted(one.expected, "credit")}` : box.rest ? "not drawn one by one" : this.sum(box.group);
    const made = shape("g", {
      class: `box ${box.action}${one ? "" : " group"}`, tabindex: 0, role: "button", transform: `translate(${box.x} ${box.y})`,
    });
    made.append(
      shape("title", {}, `${title}: ${below}`),
      shape("rect", { class: "body", width: GRAPH.width, height: GRAPH.height, rx: 8 }),
      shape("rect", { class: "side", width: 4, height: GRAPH.height - 12, x: 6, y: 6, rx: 2 }),
      shape("text", { x: 20, y: 18 }, cut(title, 28)),
      shape("text", { x: 20, y: 33, class: "small" }, below),
    );
    made.addEventListener("click", () => this.press(box));
    made.addEventListener("keydown", (event) => this.key(event, box));
    made.addEventListener("focus", () => made.matches(":focus-visible") && this.reveal(box));
    for (const [event, lit] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) {
      made.addEventListener(event, () => this.light(at, lit));
    }
    this.layer.append(made);
    box.made = made;
  }

  key(event, box) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    this.moved = false;
    this.press(box);
  }

  sum(group) {
    const credits = group.members.reduce((sum, row) => sum + this.rows[row].expected, 0);
    return `${counted(credits, "credit")}, press to open`;
  }

  light(at, lit) {
    for (const { made, from, to } of this.edgeShapes) if (from === at || to === at) made.classList.toggle("lit", lit);
  }

  press(box) {
    if (this.moved) return;
    if (box.row !== undefined) this.pick(box.row);
    else if (!box.rest) {
      this.opened.add(box.group.key);
      this.draw();
      this.fit();
      const first = this.laid.boxes.find((one) => one.group === box.group);
      this.lookAt(first);
      first.made.focus({ preventScroll: true });
    }
  }

  /** Whoever goes through the boxes by keyboard sees the one that has the focus. */
  reveal(box) {
    const { clientWidth: wide, clientHeight: high } = this.svg;
    const [left, top] = [this.x + box.x * this.scale, this.y + box.y * this.scale];
    if (left < 0 || left + GRAPH.width * this.scale > wide) this.x += this.margin() - left;
    if (top < 0 || top + GRAPH.height * this.scale > high) this.y += high / 2 - top;
    this.move();
  }

  narrow() {
    return this.svg.clientWidth < GRAPH.narrow.below;
  }

  margin() {
    return this.narrow() ? 8 : 20;
  }

  /** Bring a box to the top, large enough to be read. */
  lookAt(box) {
    const wide = Math.min(1, (this.svg.clientWidth - 2 * this.margin()) / this.laid.width);
    if (this.scale >= wide) return;
    this.scale = wide;
    this.x = Math.max(this.margin(), (this.svg.clientWidth - this.laid.width * wide) / 2);
    this.y = 45 - box.y * wide;
    this.move();
  }

  close() {
    this.opened.clear();
    this.draw();
    this.fit();
  }

  /** The whole of it, from the top: half of a tall drawing is below the fold of the page. */
  fit() {
    const { clientWidth: wide, clientHeight: high } = this.svg;
    const { width, height } = this.laid;
    const margin = this.margin();
    this.scale = Math.max(0.35, Math.min(1.1, (wide - 2 * margin) / Math.max(1, width), (high - 70) / Math.max(1, height)));
    this.x = Math.max(margin, (wide - width * this.scale) / 2);
    this.y = 45;
    this.move();
  }

  move() {
    this.layer.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
  }

  zoom(factor, x = this.svg.clientWidth / 2, y = this.svg.clientHeight / 2) {
    const scale = Math.max(0.05, Math.min(4, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.move();
  }

  listen() {
    const { svg } = this;
    const held = new Map();
    const spread = () => {
      const [a, b] = [...held.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, { x: event.clientX, y: event.clientY });
      this.moved = false;
    });
    window.addEventListener("pointermove", (event) => {
      const was = held.get(event.pointerId);
      if (!was) return;
      const before = held.size === 2 ? spread() : 0;
      const [dx, dy] = [event.clientX - was.x, event.clientY - was.y];
      held.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (Math.abs(dx) + Math.abs(dy) > 3) this.moved = true;
      if (before) this.zoom(spread() / before);
      else [this.x, this.y] = [this.x + dx, this.y + dy];
      svg.classList.toggle("held", this.moved);
      this.move();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      window.addEventListener(end, (event) => {
        held.delete(event.pointerId);
        svg.classList.remove("held");
      });
    }
  }
}
