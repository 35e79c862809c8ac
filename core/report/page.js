"use strict";
const settings = JSON.parse(document.getElementById("settings").textContent);
const wish = window.matchMedia("(prefers-color-scheme: dark)");
let printing = false;

// As core.charts.themes does: each light colour is exchanged for its dark partner, where a figure names a colour.
function exchange(value) {
  if (Array.isArray(value)) return value.map(exchange);
  if (typeof value !== "string") return value;
  const parts = /^rgba\((\d+),(\d+),(\d+),([\d.e-]+)\)$/.exec(value);
  if (!parts) return Object.hasOwn(settings.dark, value) ? settings.dark[value] : value;
  const light = "#" + parts.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, "0")).join("");
  if (!Object.hasOwn(settings.dark, light)) return value;
  const dark = [1, 3, 5].map((at) => parseInt(settings.dark[light].slice(at, at + 2), 16));
  return `rgba(${dark.join(",")},${parts[4]})`;
}

function inDark(node) {
  if (Array.isArray(node)) return node.map(inDark);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      const plain = value === null || typeof value !== "object" || Array.isArray(value);
      return [key, /(color|colorscale|colorway)$/i.test(key) && plain ? exchange(value) : inDark(value)];
    })
  );
}

function save(format) {
  return (chart) => Plotly.downloadImage(chart, { format, filename: settings.name + "-" + chart.dataset.name, scale: format === "png" ? 2 : 1 });
}

function draw(chart) {
  const figure = JSON.parse(document.getElementById("figure-" + chart.dataset.name).textContent);
  const { data, layout } = wish.matches && !printing ? inDark(figure) : figure;
  return Plotly.react(chart, data, layout, {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage"],
    modeBarButtonsToAdd: ["png", "svg"].map((format) => ({
      name: format,
      title: settings[format],
      icon: format === "png" ? Plotly.Icons.camera : Plotly.Icons.disk,
      click: save(format),
    })),
  });
}

const charts = [...document.querySelectorAll(".chart")];
function drawAll() {
  return Promise.all(charts.map(draw));
}
wish.addEventListener("change", drawAll);
window.addEventListener("beforeprint", () => { printing = true; drawAll(); });
window.addEventListener("afterprint", () => { printing = false; drawAll(); });
drawAll().then(() => document.documentElement.setAttribute("data-drawn", String(charts.length)));
