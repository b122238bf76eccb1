// How far backtests are, told by the stream; when one begins or ends, what the server says of it.
import { openStream } from "./stream.js";
import { grouped } from "./numbers.js";

const place = document.querySelector("[data-backtests]");
if (place) follow(place.dataset.sequence);

function follow(after) {
  openStream({
    path: "/ws/positions",
    after,
    onMessage(message) {
      if (message.type === "snapshot") readAgain(); // more was missed than is told one by one
      if (message.type === "event" && message.kind.startsWith("backtest.")) hear(message);
    },
    onState() {},
    onReturn() {},
  });
}

function hear({ kind, data }) {
  if (kind === "backtest.progressed") show(data);
  else if (place.id === "runs" || String(data.run) === place.dataset.run) readAgain();
}

function show({ run, done, total }) {
  const row = document.querySelector(`[data-run="${run}"]`);
  const bar = row?.querySelector("progress");
  if (!bar) return;
  bar.value = done / total;
  row.querySelector("[data-said]").textContent = `${grouped(done, 0)} of ${grouped(total, 0)} closes`;
}

let isReading = false;
let isStale = false;

/** The list is swapped in, so that nothing typed beside it is lost; a finished run is another page. */
async function readAgain() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  while (isStale) {
    isStale = false;
    await swap().catch(() => {}); // the next word of the stream tries again
  }
  isReading = false;
}

async function swap() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(place.id);
  if (!fresh || (place.id === "run" && !fresh.querySelector("progress"))) return location.reload();
  document.getElementById(place.id).replaceChildren(...fresh.childNodes);
}
