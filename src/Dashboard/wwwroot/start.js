// Starts Blazor with a reconnect that never gives up: a server that comes back knows no circuit, so the page is loaded again.
(() => {
  const modal = document.getElementById("components-reconnect-modal");
  const every = 2000;
  let lost = false;
  let timer = 0;

  const attempt = async () => {
    clearTimeout(timer);
    if (!lost) return;
    try {
      if (await Blazor.reconnect()) { onUp(); return; }
      location.reload(); // the server answered, but has no such circuit any more
    } catch {
      timer = setTimeout(attempt, every);
    }
  };
  const onUp = () => { lost = false; clearTimeout(timer); if (modal.open) modal.close(); };
  const onDown = () => {
    if (lost) return;
    lost = true;
    if (!modal.open) modal.show();
    timer = setTimeout(attempt, 500);
  };

  document.getElementById("reconnect-now").addEventListener("click", attempt);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") attempt(); });
  document.querySelector("#blazor-error-ui .dismiss").addEventListener("click", event => { event.target.parentElement.style.display = "none"; });
  // A server that stops while a page opens leaves no circuit to reconnect: load again once it answers.
  const opening = setInterval(async () => {
    if (document.querySelector(".mud-layout")) { clearInterval(opening); return; }
    try {
      await fetch(location.href, { cache: "no-store" });
      location.reload();
    } catch { /* not yet */ }
  }, 20000);

  Blazor.start({ circuit: { reconnectionHandler: { onConnectionDown: onDown, onConnectionUp: onUp } } });
})();
