// One YAML document, and all that its views can say.

#include <nlohmann/json.hpp>

#include "harness/base/yaml_reader.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

namespace {

void Walk(const YamlView& view) {
  Require(view.node().line >= 1 && view.node().column >= 1, "places count from 1");
  for (const bool readable : {view.Text().has_value(), view.Boolean().has_value(), view.Integer(-9, 9).has_value(),
                              view.Number(-1, 1).has_value()}) {
    if (readable) Require(view.is_scalar(), "only a scalar is text, boolean or number");
  }
  RequireReadable(view.Unexpected("something else"));
  if (const auto items = view.Items()) {
    for (const YamlView& item : *items) Walk(item);
  } else if (const auto members = view.Members()) {
    for (const auto& [key, value] : *members) Walk(value);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<YamlView> view = YamlView::Parse(FuzzInput(data, size).rest(), "f.yaml");
  if (!view) {
    RequireReadable(view.error());
    Require(view.error().where.starts_with("f.yaml"), "an error names the file");
    return 0;
  }
  Walk(*view);
  if (const Result<Json> json = view->ToJson()) {
    DumpJson(*json);
  } else {
    RequireReadable(json.error());
  }
  return 0;
}
