/** Whether this machine's keyboard is a Mac's: it says ⌘ where others say Ctrl. */
export const IS_MAC: boolean = /Mac|iPhone|iPad/.test(typeof navigator === "undefined" ? "" : navigator.userAgent);
