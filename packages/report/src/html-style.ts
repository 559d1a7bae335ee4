/** The report's looks: for the screen and for paper, in light and in dark, without anything from elsewhere. */
export const htmlStyle = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --paper: #fff; --band: #f4f6f8;
  --good: #146c39; --wait: #8a5700; --bad: #b3261e; --idle: #57606a; }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: #e6e9ed; --soft: #a3adb8; --line: #3a424c;
  --paper: #15191e; --band: #1e242b; --good: #5fce8d; --wait: #e3b341; --bad: #ff8a80; --idle: #a3adb8; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .3rem; } h1, h2, h3 { break-after: avoid; }
p { margin: .3rem 0; max-width: 62rem; } .soft { color: var(--soft); }
.verdict { border-left: .3rem solid var(--line); padding: .5rem 1rem; margin: 1rem 0; background: var(--band); max-width: none; font-size: 1.05rem; }
.verdict.good { border-color: var(--good); } .verdict.wait { border-color: var(--wait); } .verdict.bad { border-color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { background: var(--band); vertical-align: bottom; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number.good, td.number.wait, td.number.bad { font-weight: 600; }
.state { font-weight: 600; } .name { font-weight: 600; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.1rem; } li { margin: 0 0 .15rem; }
.id { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: .85em; overflow-wrap: anywhere; }
.note { display: block; color: var(--soft); font-size: .87em; } .wide { overflow-x: auto; } time { white-space: nowrap; }
.good { color: var(--good); } .wait { color: var(--wait); } .bad { color: var(--bad); } .idle, .zero { color: var(--idle); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .5rem 0; } dt { font-weight: 600; } dd { margin: 0; }
dl.facts dt { color: var(--soft); font-weight: 400; }
.noted td { border-bottom: 0; padding-bottom: 0; break-after: avoid; } .notes td { padding-top: 0; }
.keeps td:first-child { width: 19%; } .keeps td:nth-child(2) { width: 25%; }
.steps td:first-child { width: 25%; } .steps td:nth-child(2) { width: 18%; } .steps td:nth-child(4) { width: 1%; white-space: nowrap; }
.list td { font-size: .95em; }
@page { size: A4; margin: 14mm 13mm 15mm; @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8pt sans-serif; color: #57606a; } }
@page across { size: A4 landscape; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 9.2pt; line-height: 1.4; }
  h1 { font-size: 16pt; } h2 { font-size: 12pt; margin: 1.3rem 0 .4rem; } h3 { font-size: 10pt; margin: .7rem 0 .2rem; } p { max-width: none; }
  table { font-size: 8.4pt; } th, td { padding: .24rem .4rem; } thead { display: table-header-group; }
  thead th, .verdict { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  tr, dl > *, .verdict { break-inside: avoid; } .wide { overflow: visible; }
  .keeps { font-size: 7.9pt; line-height: 1.33; } .keeps li { margin: 0; }
  .across { page: across; } .across table { font-size: 7.6pt; } .across .id { font-size: 7pt; }
  .sheet { break-before: page; } .screen { display: none; }
}
`;
