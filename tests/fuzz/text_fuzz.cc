// UTF-8 that may be none: what is printed, cut, measured and split.

#include "harness/base/python_json.h"
#include "harness/base/shell_words.h"
#include "harness/model/reply_text.h"
#include "judges/agent_valuebench_harness.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = FuzzInput(data, size).rest();
  const std::string whole = ReplaceInvalidUtf8(text);
  Require(IsUtf8(whole), "what is replaced is UTF-8");
  Require(!IsUtf8(text) || whole == text, "UTF-8 stays as it is");
  Require(EncodeUtf8(CodePoints(text)) == whole, "code points are those of the replaced text");
  for (const bool keep_newlines : {false, true}) {
    const std::string shown = ForTerminal(text, keep_newlines);
    Require(IsUtf8(shown), "what is shown is UTF-8");
    for (const char c : shown) {
      const auto byte = static_cast<unsigned char>(c);
      Require((byte >= 0x20 && byte != 0x7F) || (keep_newlines && c == '\n'), "no control is shown");
    }
    Require(ForTerminal(shown, keep_newlines) == shown, "what is shown is shown as it is");
  }
  Require(Quoted(text).size() < 5000, "a quotation is short");
  Require(OneLine(text, 100).size() < 500, "one line is short");
  Require(IsUtf8(OneLine(text, 100)), "one line is UTF-8");
  DisplayWidth(text);
  LowerAscii(text);
  Require(TrimPython(whole) == PythonStrip(whole), "both strip what Python strips");
  ShellWords(text);
  return 0;
}
