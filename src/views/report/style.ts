// How the report looks: calm, in light and in dark, on paper. One text, because it has to stand inside the page.

export const STYLE: string = `
:root {
  --page: #fbfbfa; --card: #ffffff; --text: #1f2328; --quiet: #6a737d; --line: #e4e6e8;
  --good: #1a7f4b; --soft: #9a6700; --bad: #c0362c; --calm: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1b1f23; --text: #dfe3e6; --quiet: #8d969e; --line: #2d3338;
    --good: #4cc38a; --soft: #d9a53a; --bad: #f2766b; --calm: #9aa4ad;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 60rem; margin: 0 auto; }
header { border-left: 4px solid var(--calm); padding: 0.15rem 0 0.15rem 1.1rem; margin-bottom: 1.5rem; }
header.good { border-color: var(--good); }
header.soft { border-color: var(--soft); }
header.bad { border-color: var(--bad); }
header.good h1 { color: var(--good); }
header.soft h1 { color: var(--soft); }
header.bad h1 { color: var(--bad); }
.name { margin: 0; color: var(--quiet); overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.9rem; font-weight: 600; line-height: 1.25; letter-spacing: -0.01em; }
.why { margin: 0.25rem 0 0; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.75rem; font-size: 1.05rem; font-weight: 600; }
section {
  background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 1.15rem 1.35rem; margin: 0 0 1rem;
}
p { margin: 0.4rem 0; overflow-wrap: anywhere; }
.note { color: var(--quiet); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.8rem 1.5rem; margin: 0 0 0.4rem; }
dl .wide { grid-column: 1 / -1; }
dt { color: var(--quiet); font-size: 0.8rem; }
dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
.table { overflow-x: auto; margin: 0.6rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; }
th { text-align: left; font-weight: 500; color: var(--quiet); font-size: 0.8rem; white-space: nowrap; }
th, td { padding: 0.32rem 0.9rem 0.32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
td { overflow-wrap: anywhere; unicode-bidi: isolate; min-width: 4.5rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; min-width: 0; overflow-wrap: normal; }
td.number { white-space: nowrap; }
.good { color: var(--good); }
.soft { color: var(--soft); }
.bad { color: var(--bad); }
.calm { color: var(--calm); }
header.good, header.soft, header.bad, header.calm { color: inherit; }
.strip { display: block; width: 100%; height: 14px; border-radius: 4px; margin: 0.7rem 0; }
rect.good { fill: var(--good); }
rect.soft { fill: var(--soft); }
rect.bad { fill: var(--bad); }
rect.calm { fill: var(--calm); }
rect.lighter { opacity: 0.65; }
figure { margin: 0.9rem 0 1.3rem; }
figcaption { font-size: 0.88rem; margin-bottom: 0.3rem; overflow-wrap: anywhere; }
figcaption b { font-weight: 600; }
figcaption span { color: var(--quiet); }
.plot { min-height: 2rem; }
.uplot, .uplot .u-legend { font-family: inherit; }
.u-legend { font-size: 0.78rem; color: var(--quiet); text-align: left; }
.u-legend th { border: 0; padding: 0; font-weight: 400; }
.u-legend td { border: 0; min-width: 0; }
details { border-top: 1px solid var(--line); padding: 0.45rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; font-size: 0.88rem; }
pre {
  white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.5rem 0 0.3rem; padding: 0.7rem 0.9rem;
  background: var(--page); border-radius: 6px; unicode-bidi: isolate;
}
pre, code { font: 0.82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
ol { margin: 0.2rem 0; padding-left: 1.3rem; }
li { margin: 0.3rem 0; overflow-wrap: anywhere; }
li code { background: var(--page); border: 1px solid var(--line); border-radius: 4px; padding: 0.05rem 0.35rem; white-space: nowrap; }
footer { color: var(--quiet); font-size: 0.8rem; margin-top: 1.5rem; }
@media print {
  :root {
    --page: #ffffff; --card: #ffffff; --text: #000000; --quiet: #555555; --line: #cccccc;
    --good: #1a7f4b; --soft: #8a5a00; --bad: #b02a20; --calm: #57606a;
  }
  body { padding: 0; font-size: 11px; }
  section { border: 0; padding: 0.4rem 0; }
  figure, tr, li { break-inside: avoid; }
  h2 { break-after: avoid; }
  .table { overflow: visible; }
}
`;
