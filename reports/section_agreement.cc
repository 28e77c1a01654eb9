#include <algorithm>
#include <iterator>

#include "reports/agreement.h"
#include "reports/plain_text.h"
#include "reports/sections.h"

namespace axiometer {
namespace {

// "openai/x (io, easy, en)": the model, and how the items were shown.
std::string NameOf(const RunData& run) {
  std::string shown;
  for (const char* tag : {"mode", "level", "language"}) {
    const std::string& text = run.tasks.empty() ? "" : run.tasks.front().tag(tag);
    if (!text.empty()) shown += (shown.empty() ? "" : ", ") + text;
  }
  return run.summary.run.model + (shown.empty() ? "" : " (" + shown + ")");
}

std::string WithInterval(const Estimate& estimate) {
  if (!estimate.value) return "–";
  std::string text = Fixed(*estimate.value, 3);
  if (estimate.interval)
    text +=
        " [" + Fixed(estimate.interval->low, 3) + ", " + Fixed(estimate.interval->high, 3) + "]";
  return text;
}

}  // namespace

void AddAgreement(const std::vector<RunData>& runs, const std::vector<Agreement>& agreements,
                  Document& document) {
  if (agreements.empty()) return;
  std::vector<std::string> names;
  for (const RunData& run : runs) names.push_back(NameOf(run));
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::count(names.begin(), names.end(), names[i]) > 1)
      names[i] += ", run " + runs[i].summary.run.id;
  }
  Section section;
  section.id = "agreement";
  section.title = "Agreement on the same items";
  Table numbered;
  numbered.id = "agreement-runs";
  numbered.columns = {{"No.", true}, {"Run", false}};
  for (size_t i = 0; i < names.size(); ++i)
    numbered.rows.push_back({std::to_string(i + 1), names[i]});
  Table shares;
  shares.id = "agreement-table";
  shares.caption =
      "Of the items that both runs answered and whose answers could be read: the share of equal "
      "answers, Cohen's kappa "
      "(1: always equal, 0: as chance would), and the accuracy of the second run less that of the "
      "first. Intervals "
      "[95 %] are clustered like those of the accuracy.";
  shares.columns = {{"Runs", false},       {"Reading", false}, {"Items", true},
                    {"Same answer", true}, {"Kappa", true},    {"Difference", true}};
  Table counts;
  counts.id = "agreement-right";
  counts.title = "Who was right";
  counts.columns = {{"Runs", false},       {"Reading", false},     {"Both", true},
                    {"First alone", true}, {"Second alone", true}, {"Neither", true}};
  std::vector<Block> apart;
  for (const Agreement& found : agreements) {
    const std::string pair =
        std::to_string(found.first + 1) + ", " + std::to_string(found.second + 1);
    if (!found.reason.empty()) {
      apart.push_back(
          Paragraph{"Runs " + pair + ", " + found.protocol + ": " + found.reason + ".", true});
      continue;
    }
    shares.rows.push_back({pair, found.protocol,
                           Grouped(found.read) + " of " + Grouped(found.common),
                           WithInterval(found.same), found.kappa ? Fixed(*found.kappa, 3) : "–",
                           WithInterval(found.difference)});
    counts.rows.push_back({pair, found.protocol, Grouped(found.both_right),
                           Grouped(found.first_right), Grouped(found.second_right),
                           Grouped(found.neither_right)});
  }
  section.blocks.push_back(std::move(numbered));
  if (!shares.rows.empty()) {
    section.blocks.push_back(std::move(shares));
    section.blocks.push_back(std::move(counts));
  }
  std::move(apart.begin(), apart.end(), std::back_inserter(section.blocks));
  document.sections.push_back(std::move(section));
}

}  // namespace axiometer
