"""What pages are looked at for: contrasts, and what must have a name."""

from __future__ import annotations

__all__ = ["CONTRASTS", "USED"]

USED = {"button", "columnheader", "combobox", "link", "searchbox", "DisclosureTriangle"}
CONTRASTS = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colours) => { canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (parts) => parts.map((part) => part / 255).map((part) =>
    part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
  const behind = (it) => it === null ? [] : [...behind(it.parentElement), getComputedStyle(it).backgroundColor];
  const poor = [];
  for (const it of document.querySelectorAll('body *')) {
    if (![...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || !it.checkVisibility()) continue;
    const [one, other] = [light(rgb([...behind(it), getComputedStyle(it).color])), light(rgb(behind(it)))];
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < 4.5) poor.push([it.tagName, it.className, it.innerText.slice(0, 30), contrast.toFixed(2)]);
  }
  return poor;
})()"""
"""A script: texts that stand out too little from what is behind them."""
