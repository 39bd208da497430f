/** Print a recovery code on a sheet of its own, and nothing else of the page. */
export function printCode(code: string, host: string): void {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.body.append(frame);
  const sheet = frame.contentDocument;
  if (!sheet || !frame.contentWindow) return;
  const lines: readonly (readonly [string, string])[] = [
    ["h1", "Reel Ballers: recovery code"],
    ["h2", code],
    ["p", `On ${host}: Account, “Enter a recovery code”. Whoever has this sheet comes into the account.`],
    ["p", `Made on ${new Date().toLocaleDateString()}.`],
  ];
  for (const [tag, text] of lines) {
    const element = sheet.createElement(tag);
    element.textContent = text;
    sheet.body.append(element);
  }
  frame.contentWindow.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow.print();
}
