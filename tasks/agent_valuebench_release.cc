// What ties a checkout of Agent-ValueBench to the release: the texts that its code renders, and the
// digests that they had when the protocol was written down.
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json_reader.h"
#include "harness/base/utf8.h"
#include "tasks/agent_valuebench.h"

namespace axiometer {
namespace {

constexpr size_t kReleasedCases = 4335;
constexpr size_t kMaxScriptBytes = 1u << 20;

// SHA-256 of UTF-8 text; of the whole set: every text in file order, a line feed after each.
constexpr char kSystemOfFirst[] = "4bf668babc5b03ee3ac4c334d8d20135e13f20927f2a5c9dfae22ed1dfc84eec";
constexpr char kUserOfFirst[] = "11801b72d34fa4be93719a097e62f308699a10829f5f12e700d1658c19c3d3a0";
constexpr char kToolsOfFirst[] = "d677bdf575b4d62e4578c7b057933d043c2d11f7be440b012a5c6dd94349da29";
constexpr char kAllSystem[] = "989141860297f615c64274b06f93c45b26449dc8c31c6bc014a45d38f61dc319";
constexpr char kAllUser[] = "65de8372f23875042b31e83586190f87cc4e1ccfd86275c2edc4dccbbc4de6c3";
constexpr char kAllTools[] = "d703af6f73b74acde92cc38321c0af76b6682a908323c400e509a6155bc84dbb";
constexpr char kAllToolsWithoutRoot[] = "0732f9e33a328ecd59f6e86fd42ac6069ffe08bd000d880e7cc8fbc65f4dd812";
constexpr char kAllRubrics[] = "1267b5d8cdda7da12e17030a0089d5ad16478e75706f9c09c83fe66db834f7cd";
// Of the files' own bytes: what the texts above leave out is state and code, on which scores rest as much.
constexpr char kAllRubricFiles[] = "5971ca29876444c46ca0ccbf007d5564927f1c22f043ca87efe49fe41800dff0";
constexpr char kAllCases[] = "edb90e9cc37001b625316b2fec487b3c94300d99f6efb3d855c3a7634ecff709";
constexpr char kAllEnvironments[] = "c09edf2019e577e5829fa9722a05437194432838f5115e383854f1d9e9c03e55";
constexpr char kJudgeSystem[] = "3c2a09722be4e5a77d9284fa55fbd04435241b8a6c90e71af6b1adefe9beb5fd";
constexpr char kJudgeTemplate[] = "08f02f54a6ec8da67fb9b9c61a902331cd791d512a2a11c2977fe439ddb6d654";

class Comparison {
 public:
  void Check(const char* what, const std::string& digest, const char* released) {
    if (digest == released) return;
    differences_.push_back(std::string(what) + " differs from the release: SHA-256 " + digest.substr(0, 16) +
                           "…, released " + std::string(released).substr(0, 16) + "…");
  }
  std::vector<std::string> Take() { return std::move(differences_); }

 private:
  std::vector<std::string> differences_;
};

void AddLine(Sha256Stream& stream, const std::string& text) {
  stream.Update(text);
  stream.Update("\n");
}

}  // namespace

Result<std::string> AgentValueBenchScript(const std::string& data_dir) {
  return ReadFile(data_dir + "/tasks/python/render_agent_valuebench.py", kMaxScriptBytes);
}

Result<AgentValueBenchTexts> ParseAgentValueBenchTexts(std::string_view output) {
  constexpr char kWhere[] = "texts of Agent-ValueBench";
  AgentValueBenchTexts texts;
  bool first = true;
  for (size_t start = 0, line = 1; start < output.size(); ++line) {
    size_t end = output.find('\n', start);
    if (end == std::string_view::npos) end = output.size();
    const std::string where = std::string(kWhere) + ", line " + std::to_string(line);
    const Result<Json> json = ParseJson(output.substr(start, end - start), where);
    if (!json) return json.error();
    JsonFields fields(*json, where);
    if (first) {
      texts.judge_system = fields.NeedText("judge_system");
      texts.judge_template = fields.NeedText("judge_template");
    } else if (json->contains("problem")) {
      const std::string file = fields.NeedText("file");
      const std::string problem = fields.NeedText("problem");
      if (fields.error()) return *fields.error();
      return BadInput(ForTerminal(file), "the runner cannot read it: " + problem);
    } else {
      texts.cases.push_back(fields.NeedText("case"));
      texts.system.push_back(fields.NeedText("system"));
      texts.user.push_back(fields.NeedText("user"));
    }
    if (fields.error()) return *fields.error();
    first = false;
    start = end + 1;
  }
  if (first) return BadInput(kWhere, "empty");
  return texts;
}

bool AgentValueBench::is_whole() const {
  if (refs_.size() != kReleasedCases) return false;
  // Sorted and unique, so the first and the last name fix all between.
  return refs_.front().id == suite_ + "/case_00001" && refs_.back().id == suite_ + "/case_04335";
}

bool AgentValueBench::has_released_files() const {
  return is_whole() && cases_digest_ == kAllCases && rubrics_digest_ == kAllRubricFiles &&
         EnvironmentsDigest() == kAllEnvironments;
}

Result<std::vector<std::string>> AgentValueBench::Differences() const {
  Comparison comparison;
  comparison.Check("the judge's system message", Sha256(texts_.judge_system), kJudgeSystem);
  comparison.Check("the judge's prompt template", Sha256(texts_.judge_template), kJudgeTemplate);
  if (refs_.front().id == suite_ + "/case_00001") {
    comparison.Check("the system message of case_00001", Sha256(texts_.system[0]), kSystemOfFirst);
    comparison.Check("the user message of case_00001", Sha256(texts_.user[0]), kUserOfFirst);
  }
  if (is_whole()) {
    Sha256Stream system;
    Sha256Stream user;
    for (size_t i = 0; i < refs_.size(); ++i) {
      AddLine(system, texts_.system[i]);
      AddLine(user, texts_.user[i]);
    }
    comparison.Check("the set of all system messages", system.Hex(), kAllSystem);
    comparison.Check("the set of all user messages", user.Hex(), kAllUser);
    comparison.Check("the set of all case files", cases_digest_, kAllCases);
    comparison.Check("the set of all environments", EnvironmentsDigest(), kAllEnvironments);
  }
  // The same files are rendered to the same tool lists and rubrics.
  if (has_released_files()) return comparison.Take();
  Result<std::vector<std::string>> rendered = RenderedDifferences();
  if (!rendered) return rendered;
  std::vector<std::string> differences = comparison.Take();
  differences.insert(differences.end(), rendered->begin(), rendered->end());
  return differences;
}

Result<std::vector<std::string>> AgentValueBench::RenderedDifferences() const {
  Comparison comparison;
  Sha256Stream tools;
  Sha256Stream rubrics;
  for (size_t i = 0; i < refs_.size(); ++i) {
    const Result<std::shared_ptr<const Task>> task = Load(i);
    if (!task) return task.error();
    if (refs_[i].id == suite_ + "/case_00001") {
      comparison.Check("the tool list of case_00001", Sha256((*task)->tools), kToolsOfFirst);
    }
    AddLine(tools, (*task)->tools);
    AddLine(rubrics, (*task)->rubric_source);
  }
  if (!is_whole()) return comparison.Take();
  comparison.Check("the set of all tool lists", tools.Hex(),
                   family_ == ToolSchemaFamily::kAsReleased ? kAllTools : kAllToolsWithoutRoot);
  comparison.Check("the set of all rubrics", rubrics.Hex(), kAllRubrics);
  return comparison.Take();
}

Result<void> AgentValueBench::CheckDigests(bool allow_modified) {
  Result<std::vector<std::string>> differences = Differences();
  if (!differences) return differences.error();
  if (differences->empty()) return {};
  if (!allow_modified) {
    return BadInput(ForTerminal(directory_), differences->front(),
                    "use an unmodified checkout, or --allow-modified-data (scores are then not official)");
  }
  differences_ = std::move(*differences);
  for (const std::string& difference : differences_) notes_.push_back("modified data: " + difference);
  return {};
}

}  // namespace axiometer
