// The arguments of a tool call as a model wrote them: repaired, then read.

#include <nlohmann/json.hpp>

#include "harness/base/python_json.h"
#include "harness/scaffold/tool_arguments.h"
#include "tests/fuzz/fuzz.h"

using namespace axiometer;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = ReplaceInvalidUtf8(FuzzInput(data, size).rest());
  const std::optional<Json> parsed = ParsePythonJson(text);
  for (const Json& arguments : {Json(text), parsed.value_or(Json())}) {
    for (const ArgumentRule rule : {ArgumentRule::kRepair, ArgumentRule::kRepairWithoutCjk}) {
      Json prepared = PrepareArguments(arguments, rule);
      if (rule == ArgumentRule::kRepairWithoutCjk) prepared = PrepareArguments(prepared, rule);
      Require(DumpJsonAsPython(PrepareArguments(prepared, rule)) == DumpJsonAsPython(prepared), "repair is idempotent");
      const Json given = ReadArguments(prepared, rule);
      Require(given.is_object(), "an environment gets an object");
      Require(ParsePythonJson(DumpJsonAsPython(given)).has_value(), "which is JSON");
    }
  }
  return 0;
}
