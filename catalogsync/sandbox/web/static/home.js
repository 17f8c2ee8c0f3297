// Keeps the home page current: only sections that changed are exchanged, and nothing is asked while it is hidden.
const PERIOD = 2000;
const sections = new Map([...document.querySelectorAll("[data-section]")].map((place) => [place.dataset.section, place]));
const last = new Map();

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(`/sandbox/summary${location.search}`);
  if (!answer.ok) return;
  for (const [name, html] of Object.entries(await answer.json())) {
    if (last.get(name) === html) continue;
    const wide = sections.get(name).querySelector(".wide");
    const scrolled = wide ? [wide.scrollLeft, wide.scrollTop] : [0, 0];
    sections.get(name).innerHTML = html;
    sections.get(name).querySelector(".wide")?.scrollTo(...scrolled);
    last.set(name, html);
  }
}

async function turn() {
  try {
    await refresh();
  } catch {
    // The sandbox is stopped or starting again: the next turn asks again.
  }
  setTimeout(turn, PERIOD);
}

document.addEventListener("visibilitychange", () => refresh().catch(() => undefined));
setTimeout(turn, PERIOD);
