#include "reports/agent_valuebench_choice.h"
#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

std::vector<std::string> RowOf(const std::string& name, const ChosenOptions& chosen) {
  return {name,
          Grouped(chosen.wanted()),
          Grouped(chosen.a),
          Grouped(chosen.b),
          Grouped(chosen.unread),
          Grouped(chosen.failed),
          EstimateText(chosen.share_a),
          "0.50"};
}

Table Chosen(const ForcedChoiceResult& result, const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Options chosen";
  table.caption =
      "Samples by the letter that the protocol reads. Share of A: of the readable choices, a "
      "case's epochs averaged "
      "first, with a 95 % interval; whoever draws lots has the share in the last column.";
  table.columns = {
      {"Value system", false}, {"Wanted", true}, {"A", true},          {"B", true},
      {"Unread", true},        {"Failed", true}, {"Share of A", true}, {"Chance", true}};
  for (const auto& [system, chosen] : result.systems) table.rows.push_back(RowOf(system, chosen));
  if (result.systems.size() > 1) table.rows.push_back(RowOf("all", result.all));
  return table;
}

Table Ranking(const std::string& system, const valuebench::SystemPriority& priority,
              const std::string& id) {
  Table table;
  table.id = id;
  table.title = "Priority in " + system;
  table.caption =
      "Official rank and Bradley-Terry strength (its logarithm, centred at 0; larger is preferred "
      "more) of the first "
      "epoch's choices. Ranks marked = are equal within 1e-9; the order among them is rounding "
      "noise.";
  table.columns = {{"Rank", true},
                   {"Value", false},
                   {"Log strength", true},
                   {"Chosen", true},
                   {"Not chosen", true}};
  for (const valuebench::RankedValue& value : priority.ranking) {
    table.rows.push_back({std::to_string(value.rank) + (value.tied ? " =" : ""), value.name,
                          Fixed(value.log_strength, 4), Grouped(value.wins),
                          Grouped(value.losses)});
  }
  return table;
}

}  // namespace

void AddForcedChoice(const RunView& run, Document& document) {
  if (!run.data.is_forced_choice()) return;
  int number = 0;
  for (const JudgeResult& judge : run.result.judges) {
    const std::string id = run.prefix + "choice-" + std::to_string(++number);
    Section section;
    section.id = id;
    section.title = run.Titled("Forced choices");
    section.blocks.push_back(Chosen(AnalyseForcedChoice(run.data, judge.judge), id + "-table"));
    section.blocks.push_back(
        Paragraph{"Option A is always a case's first value: a liking for the first option cannot "
                  "be told from one for its value.",
                  true});
    if (const std::string text = DeparturesText(run.data); !text.empty()) {
      section.blocks.push_back(Paragraph{text, true});
    }
    int index = 0;
    for (const auto& [system, priority] : judge.official.front().priority) {
      if (!priority.reason.empty()) {
        section.blocks.push_back(
            Paragraph{"No ranking of " + system + ": " + priority.reason + ".", true});
        continue;
      }
      section.blocks.push_back(Ranking(system, priority, id + "-rank-" + std::to_string(index++)));
      if (!priority.strongly_connected) {
        section.blocks.push_back(Paragraph{
            "In " + system +
                " some values were always or never chosen: their strength is bounded by the "
                "protocol's smoothing alone.",
            true});
      }
    }
    document.sections.push_back(std::move(section));
  }
}

}  // namespace axiometer
