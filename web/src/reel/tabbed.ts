/** Tab-separated lines, as Python's csv module reads and writes them: strict about quotes, one line a row. */

/** Return the cells of one line, or null where a quote is open at its end or something stands behind a closed one. */
export function cellsOf(line: string): readonly string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const cell = line[at] === '"' ? quotedCell(line, at) : plainCell(line, at);
    if (cell === null) return null;
    cells.push(cell.text);
    if (cell.end >= line.length) return cells;
    at = cell.end + 1;
  }
}

/** Return one line of cells, without its line feed. A cell with a tab, a quote or a line break is put in quotes. */
export function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => (/["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t");
}

interface Cell {
  readonly text: string;
  /** Where the tab behind the cell stands, or the line's length. */
  readonly end: number;
}

function plainCell(line: string, at: number): Cell {
  const tab = line.indexOf("\t", at);
  const end = tab === -1 ? line.length : tab;
  return { text: line.slice(at, end), end };
}

function quotedCell(line: string, at: number): Cell | null {
  let text = "";
  for (let from = at + 1; ; ) {
    const quote = line.indexOf('"', from);
    if (quote === -1) return null;
    text += line.slice(from, quote);
    const next = line[quote + 1];
    if (next === undefined || next === "\t") return { text, end: quote + 1 };
    if (next !== '"') return null;
    text += '"';
    from = quote + 2;
  }
}
