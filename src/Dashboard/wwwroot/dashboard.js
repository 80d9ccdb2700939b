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

  // Charts that stand on the page; those that were taken away are forgotten when the next one comes.
  let charts = [];
  let pointed = false;
  const plotOf = element => element.querySelector(".js-plotly-plot");
  const others = element => charts.filter(one => one.linked && one.element !== element && one.element.isConnected).map(one => plotOf(one.element)).filter(plot => plot?.data);
  const point = (element, tell) => {
    if (pointed) return; // a chart that was told says that it was pointed at
    pointed = true;
    requestAnimationFrame(() => {
      try { others(element).forEach(tell); } finally { pointed = false; }
    });
  };
  const listen = (element, reference) => {
    const plot = plotOf(element);
    if (!plot?.on) {
      if (element.isConnected) setTimeout(() => listen(element, reference), 100); // its script is still on the way
      return;
    }
    plot.on("plotly_hover", event => point(element, other => {
      try { Plotly.Fx.hover(other, { xval: event.points[0].x }); } catch { /* it is being drawn anew */ }
    }));
    plot.on("plotly_unhover", () => point(element, other => {
      try { Plotly.Fx.unhover(other); } catch { /* it is being drawn anew */ }
    }));
    plot.on("plotly_relayout", event => {
      const real = value => plot.layout.xaxis.type === "log" ? 10 ** value : Number(value);
      const range = event["xaxis.range"] ?? [event["xaxis.range[0]"], event["xaxis.range[1]"]];
      const whole = event["xaxis.autorange"];
      if (whole || range[0] !== undefined) {
        reference.invokeMethodAsync("ShowStretchAsync", whole ? null : real(range[0]), whole ? null : real(range[1])).catch(() => {});
      }
    });
  };
  // Keeps a chart as wide as its place; with a reference, its pointer and its zoom are told to the other charts and to the server.
  const chart = (element, reference) => {
    if (!element) return;
    charts = [...charts.filter(one => one.element.isConnected), { element, linked: Boolean(reference) }];
    let width = element.clientWidth;
    new ResizeObserver(() => {
      if (element.clientWidth === width || element.clientWidth === 0) return;
      width = element.clientWidth;
      requestAnimationFrame(() => {
        const plot = plotOf(element);
        if (plot?.data && element.isConnected) Plotly.Plots.resize(plot);
      });
    }).observe(element);
    if (reference) listen(element, reference);
  };

  window.mltr = {
    connect: reference => { listener = reference; return { choice: read(), systemDark: media.matches }; },
    disconnect: () => { listener = null; },
    setTheme: choice => { try { localStorage.setItem(key, choice); } catch { /* private mode: for this page only */ } paint(); },
    read: name => { try { return localStorage.getItem(name); } catch { return null; } },
    write: (name, text) => { try { localStorage.setItem(name, text); return true; } catch { return false; } },
    // Drafts belong to this tab: they outlive a load of the page, and a restart of the server, but not the tab.
    draft: name => { try { return sessionStorage.getItem(name); } catch { return null; } },
    keepDraft: (name, text) => { try { text === null ? sessionStorage.removeItem(name) : sessionStorage.setItem(name, text); return true; } catch { return false; } },
    download: (name, type, text) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      return true;
    },
    chart,
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
