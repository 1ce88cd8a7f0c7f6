var crlf = 1;
function afterCrlf() {
  return "  line separator in a string";
}
var oldMac = 2;var   afterParagraphSeparator = 3; /* 😀
*/ var afterAstral = `😀
é`, last = crlf;
