/** The report's looks: for the screen and for paper, in light and in dark, without anything from elsewhere. */
export const htmlStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; --paper: #fff; --band: #f5f7f9;
  --good: #1a7f45; --wait: #9a6200; --bad: #c62828; --idle: #5b6470; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4b0; --line: #343b44; --paper: #15191e; --band: #1d232a;
  --good: #5fce8d; --wait: #e3b341; --bad: #ff7b72; --idle: #9aa4b0; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.verdict { border-left: .3rem solid var(--line); padding: .5rem 1rem; margin: 1.2rem 0; background: var(--band); font-size: 1.05rem; }
.verdict.good { border-color: var(--good); } .verdict.wait { border-color: var(--wait); } .verdict.bad { border-color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { position: sticky; top: 0; background: var(--paper); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .wait { color: var(--wait); } .bad { color: var(--bad); } .idle { color: var(--idle); }
.zero { color: var(--line); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1.1rem; break-inside: avoid; }
.card ul { margin: .2rem 0 .6rem; padding-left: 1.1rem; } .card h4 { margin: .5rem 0 0; font-size: .85rem; }
.id { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .85em; overflow-wrap: anywhere; }
.note { display: block; color: var(--soft); font-size: .85em; } .wide { overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { font-weight: 600; } dd { margin: 0; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } thead th { position: static; } tr { break-inside: avoid; } .wide { overflow: visible; } }
`;
