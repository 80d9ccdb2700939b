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

  let wentG = -Infinity;
  const pages = { s: "/sweeps", l: "/leaderboard", d: "/datasets", m: "/models", h: "/", w: "/workers", n: "/sweeps/new" };
  const isTyping = target => target.closest?.("input, textarea, select, [contenteditable=true]");
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector(".page-search input");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "g") {
      wentG = event.timeStamp;
    } else if (pages[event.key] && event.timeStamp - wentG < 1500) {
      wentG = -Infinity;
      event.preventDefault();
      Blazor.navigateTo(pages[event.key]);
    } else if (event.key === "?") {
      listener?.invokeMethodAsync("ShowHelpAsync").catch(() => {});
    }
  });

  window.mltr = {
    connect: reference => { listener = reference; return { choice: read(), systemDark: media.matches }; },
    disconnect: () => { listener = null; },
    setTheme: choice => { try { localStorage.setItem(key, choice); } catch { /* private mode: for this page only */ } paint(); },
    read: name => { try { return localStorage.getItem(name); } catch { return null; } },
    write: (name, text) => { try { localStorage.setItem(name, text); return true; } catch { return false; } },
    download: (name, type, text) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      return true;
    },
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
