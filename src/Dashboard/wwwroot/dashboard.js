// Loaded in the head: the theme must be known before the first paint.
(() => {
  const key = "mltr-theme";
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try { return localStorage.getItem(key) || "system"; } catch { return "system"; }
  };
  const isDark = choice => choice === "dark" || (choice === "system" && media.matches);
  const paint = () => { document.documentElement.dataset.theme = isDark(read()) ? "dark" : "light"; };
  paint();

  let listener = null;
  media.addEventListener("change", () => {
    paint();
    listener?.invokeMethodAsync("OnSystemThemeAsync", media.matches).catch(() => {});
  });

  const isTyping = target => target.closest?.("input, textarea, select, [contenteditable=true]");
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector(".page-search input");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "?") {
      listener?.invokeMethodAsync("ShowHelpAsync").catch(() => {});
    }
  });

  window.mltr = {
    connect: reference => { listener = reference; return { choice: read(), systemDark: media.matches }; },
    disconnect: () => { listener = null; },
    setTheme: choice => { try { localStorage.setItem(key, choice); } catch { /* private mode: for this page only */ } paint(); },
    scrollToEnd: element => { if (element) element.scrollTop = element.scrollHeight; },
    copy: async text => {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http: no clipboard api */ }
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    },
  };
})();
