// JSON as RFC 8259 and as Python read it, and JSON within prose.

#include <nlohmann/json.hpp>

#include "harness/base/json.h"
#include "harness/base/python_json.h"
#include "harness/model/reply_text.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = FuzzInput(data, size).rest();
  if (const Result<Json> json = ParseJson(text, "input")) {
    const Result<Json> again = ParseJson(DumpJson(*json), "dump");
    Require(again && *again == *json, "what is dumped reads back equal");
    Require(ParsePythonJson(text, 1000).has_value(), "Python reads all JSON");
  } else {
    RequireReadable(json.error());
  }
  for (const std::string_view part : {text, EmbeddedJson(text)}) {
    const std::optional<Json> json = ParsePythonJson(part);
    if (!json) continue;
    for (const int indent : {-1, 2}) {
      const std::string dump = DumpJsonAsPython(*json, indent);
      const std::optional<Json> again = ParsePythonJson(dump);
      Require(again && DumpJsonAsPython(*again, indent) == dump, "Python's dump reads back the same");
    }
    PythonStr(*json);
    PythonStrOrEmpty(*json);
    PythonInteger(*json);
    DumpJson(*json);
  }
  Require(IsUtf8(WithWholeCharacters(text)), "whole characters are UTF-8");
  return 0;
}
