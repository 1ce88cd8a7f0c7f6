import path = require("path");

namespace formatter {
  export const separator = path.sep;
  export function format(...parts: string[]): string {
    return parts.join(` ${separator} `) + " 🧾";
  }
  export interface Formatter {
    format: typeof format;
  }
}

export = formatter;
