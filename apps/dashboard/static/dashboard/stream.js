// The WebSocket: goes on where it stopped, comes back by itself, says how it is.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const STEADY_AFTER = 5_000;
const NOT_SIGNED_IN = 4401;

/**
 * Keeps one socket open. `onMessage` gets every message, `onState` "live" or "away", and
 * `onReturn` is called when a lost connection is there again.
 */
export function openStream({ path, after, onMessage, onState, onReturn }) {
  let sequence = after;
  let wait = FIRST_WAIT;
  let socket = null;
  let timer = null;
  let wasLost = false;
  let isLeaving = false;

  function connect() {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}${path}?after=${sequence}`);
    let openedAt = Infinity;
    socket.addEventListener("open", () => {
      openedAt = Date.now();
      onState("live");
      if (wasLost) onReturn();
      wasLost = false;
    });
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      if (message.sequence !== undefined) sequence = message.sequence;
      onMessage(message);
    });
    socket.addEventListener("close", (event) => {
      if (isLeaving) return;
      wasLost = true;
      onState("away");
      if (event.code === NOT_SIGNED_IN) {
        location.reload(); // to the sign-in page, and back here
        return;
      }
      if (Date.now() - openedAt > STEADY_AFTER) wait = FIRST_WAIT;
      timer = setTimeout(connect, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  function retryNow() {
    if (socket.readyState === WebSocket.CLOSED) connect();
  }

  addEventListener("online", retryNow);
  addEventListener("offline", () => socket.close());
  addEventListener("pagehide", () => {
    isLeaving = true;
  });
  addEventListener("pageshow", (event) => {
    isLeaving = false;
    if (event.persisted) retryNow();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) retryNow();
  });
  connect();
}
