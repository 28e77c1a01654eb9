#include <algorithm>
#include <map>
#include <optional>

#include "reports/difference_text.h"
#include "reports/plain_text.h"
#include "reports/sections.h"
#include "reports/stats/letter_groups.h"

namespace axiometer {
namespace {

constexpr size_t kManySystems = 4;  // beyond, each is folded
constexpr size_t kPairsShown = 30;

std::string RankText(const RankInterval& rank) {
  return rank.low == rank.high ? std::to_string(rank.low) : std::to_string(rank.low) + "–" + std::to_string(rank.high);
}

// "3–7"; "3–7 (2–9)" where missing outcomes could change that.
std::string RankText(const PriorityValue& value) {
  const std::string text = RankText(value.rank);
  if (!value.rank_bounds) return text;
  const std::string bounds = RankText(*value.rank_bounds);
  return bounds == text ? text : text + " (" + bounds + ")";
}

bool HasWiderBounds(const PriorityRating& rating) {
  return std::any_of(rating.values.begin(), rating.values.end(), [](const PriorityValue& value) {
    const std::optional<RankInterval>& bounds = value.rank_bounds;
    return bounds && (bounds->low != value.rank.low || bounds->high != value.rank.high);
  });
}

const PriorityValue* Find(const PriorityRating& rating, int value) {
  for (const PriorityValue& found : rating.values) {
    if (found.value == value) return &found;
  }
  return nullptr;
}

std::string Letters(const PriorityValue& value) {
  std::string text;
  for (const int group : value.groups) text += (text.empty() ? "" : " ") + GroupLetters(group);
  return text.empty() ? "–" : text;
}

// What a rating says of itself, as a sentence. `way`: "outcomes", "margins".
std::string Said(const PriorityRating& rating, const std::string& way) {
  if (!rating.refusal.empty()) return "No order by " + way + ": " + rating.refusal + ".";
  std::string text = "By " + way + " " + std::to_string(rating.decided) + " of " + std::to_string(rating.pairs.size()) +
                     (rating.pairs.size() == 1 ? " pair is decided" : " pairs are decided");
  if (rating.gate_p) text += " (p of equal values " + PText(rating.gate_p) + ")";
  text += ".";
  if (!rating.caution.empty()) text += " Caution: " + rating.caution + ".";
  return text;
}

std::string Said(const PriorityComponent& component) {
  const std::string& refusal = component.by_outcomes.refusal;
  if (!refusal.empty() && refusal == component.by_margins.refusal) return "No order is supported: " + refusal + ".";
  return Said(component.by_outcomes, "outcomes") + " " + Said(component.by_margins, "margins");
}

class PriorityWriter {
 public:
  PriorityWriter(const RunView& run, const JudgeResult& judge, const SystemResult& system, const std::string& id,
                 Section& section)
      : run_(run), judge_(judge), system_(system), id_(id), section_(section) {}

  void Write(bool with_caption) {
    const ValuePriority& priority = system_.priority;
    if (!priority.reason.empty()) section_.blocks.push_back(Paragraph{priority.reason + ".", true});
    for (const PriorityComponent& component : priority.components) {
      const std::string number = std::to_string(&component - priority.components.data());
      section_.blocks.push_back(Ranking(component, number, with_caption));
      if (!component.by_outcomes.values.empty() && !component.by_outcomes.separated) {
        section_.blocks.push_back(Plot(component, number));
      }
      section_.blocks.push_back(Paragraph{Said(component), true});
      AddDecided(component.by_outcomes, "outcomes");
      AddDecided(component.by_margins, "margins");
    }
  }

 private:
  const std::string& Name(int value) const { return system_.dimensions[static_cast<size_t>(value)].dimension; }

  // Strongest first by what was not refused; else by name.
  static std::vector<int> Order(const PriorityComponent& component) {
    std::vector<int> order;
    const PriorityRating& rating =
        component.by_outcomes.values.empty() ? component.by_margins : component.by_outcomes;
    for (const PriorityValue& value : rating.values) order.push_back(value.value);
    if (!order.empty()) return order;
    for (const PriorityCounts& counts : component.counts) order.push_back(counts.value);
    return order;
  }

  Table Ranking(const PriorityComponent& component, const std::string& number, bool with_caption) const {
    Table table;
    table.id = id_ + "-ranks-" + number;
    table.title = system_.value_system;
    const bool ranked = !component.by_outcomes.values.empty() || !component.by_margins.values.empty();
    table.columns = {{"Value", false}};
    if (ranked) {
      for (const Column& column : {Column{"Rank", true}, {"Strength", true}, {"Groups", false}, {"Rank by margin", true}}) {
        table.columns.push_back(column);
      }
    }
    table.columns.push_back({"Won, equal, lost", true});
    table.columns.push_back({"Missing", true});
    if (with_caption) {
      table.caption =
          "Ranks that hold for all values at once in 95 % of repetitions: by outcomes (who scored higher in a task; Davidson's "
          "model with ties, strengths in logits) and by margin (by how much; least squares). Values that share a letter cannot "
          "be told apart. " + Grouped(component.games) + (component.games == 1 ? " task in " : " tasks in ") + Grouped(component.clusters) +
          " " + run_.cluster_name() + (component.clusters == 1 ? "." : "s.");
    }
    if (component.partly > 0) {
      table.caption += (table.caption.empty() ? "" : " ") + Grouped(component.partly) +
                       (component.partly == 1 ? " task lacks" : " tasks lack") + " some of the epochs.";
    }
    if (HasWiderBounds(component.by_outcomes) || HasWiderBounds(component.by_margins)) {
      table.caption += (table.caption.empty() ? "" : " ") +
                       std::string("In brackets: ranks that hold however the missing outcomes had been.");
    }
    std::map<int, const PriorityCounts*> counts;
    for (const PriorityCounts& of_value : component.counts) counts[of_value.value] = &of_value;
    for (const int value : Order(component)) {
      const PriorityValue* outcomes = Find(component.by_outcomes, value);
      const PriorityValue* margins = Find(component.by_margins, value);
      const PriorityCounts& of_value = *counts.at(value);
      std::vector<std::string> row{Name(value)};
      if (ranked) {
        row.push_back(outcomes != nullptr ? RankText(*outcomes) : "–");
        row.push_back(outcomes != nullptr && !component.by_outcomes.separated ? Fixed(outcomes->strength, 2) : "–");
        row.push_back(outcomes != nullptr ? Letters(*outcomes) : "–");
        row.push_back(margins != nullptr ? RankText(*margins) : "–");
      }
      row.push_back(Grouped(of_value.wins) + ", " + Grouped(of_value.ties) + ", " + Grouped(of_value.losses));
      row.push_back(Grouped(of_value.missing));
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  // The strengths by outcomes, strongest first, beside the official ones where there are any.
  ForestPlot Plot(const PriorityComponent& component, const std::string& number) const {
    ForestPlot plot;
    plot.id = id_ + "-plot-" + number;
    plot.title = system_.value_system;
    if (system_.priority.components.size() > 1) plot.title += ", part " + std::to_string(std::stoi(number) + 1);
    plot.file = run_.FileName("priority", plot.title, &judge_);
    plot.drawn_only = true;
    plot.quantity = "Log strength";
    plot.axis = "log strength (logits; 0: the mean of these values)";
    plot.reference = 0;
    const valuebench::SystemPriority* official = Official();
    if (official != nullptr) plot.beside = "official";
    for (const PriorityValue& value : component.by_outcomes.values) {
      const auto counts = std::find_if(component.counts.begin(), component.counts.end(),
                                       [&](const PriorityCounts& of) { return of.value == value.value; });
      ForestRow row;
      row.label = Name(value.value);
      row.value = value.strength;
      row.interval = value.interval;
      row.scored = counts->wins + counts->ties + counts->losses;
      row.unscored = counts->missing;
      row.remark = "rank " + RankText(value);
      for (size_t i = 0; official != nullptr && i < official->ranking.size(); ++i) {
        const valuebench::RankedValue& ranked = official->ranking[i];
        if (ranked.name != row.label) continue;
        row.beside = ranked.log_strength;
        row.remark += ", official " + std::to_string(ranked.rank);
      }
      plot.rows.push_back(std::move(row));
    }
    plot.high = RangeAround0(plot.rows);
    plot.low = -plot.high;
    plot.caption =
        "The strengths of the table. Line: 95 % interval of one strength taken alone; ranks hold for all values at "
        "once.";
    if (official != nullptr) {
      plot.caption +=
          " Hollow: the official Bradley-Terry log strength over finished cases, for which the protocol defines no "
          "interval.";
    }
    plot.full_caption =
        "Strength by who scored higher in a task (Davidson's model with ties), mean 0 over the values; n: tasks in "
        "which "
        "the value met another. " +
        Grouped(component.games) + (component.games == 1 ? " task in " : " tasks in ") + Grouped(component.clusters) + " " + run_.cluster_name() +
        (component.clusters == 1 ? "" : "s") +
        ". Line: 95 % interval of one strength taken alone (HC3 by cluster, Student's t). Ranks hold for all values at "
        "once in 95 % of repetitions (max-t).";
    if (official != nullptr) {
      plot.full_caption +=
          " Hollow: the official Bradley-Terry log strength over finished cases; the protocol defines no interval.";
    }
    if (component.one_case_a_pair) plot.full_caption.append(" ").append(kOneCaseCaveat);
    return plot;
  }

  // Null without an official ranking of all values, which alone is on the scale of ours.
  const valuebench::SystemPriority* Official() const {
    if (judge_.official.empty() || system_.priority.components.size() != 1) return nullptr;
    const auto found = judge_.official.front().priority.find(system_.value_system);
    const bool any = found != judge_.official.front().priority.end() && !found->second.ranking.empty();
    return any ? &found->second : nullptr;
  }

  // The pairs that are told apart, by name.
  void AddDecided(const PriorityRating& rating, const std::string& way) {
    std::vector<std::string> decided;
    for (const PriorityPair& pair : rating.pairs) {
      if (!pair.compared.decided) continue;
      std::string text = Name(pair.compared.first) + " above " + Name(pair.compared.second);
      if (pair.compared.probability) text += " (" + Fixed(*pair.compared.probability, 2) + ")";
      if (pair.depends_on_missing) text += ", which depends on missing outcomes";
      decided.push_back(std::move(text));
    }
    if (decided.empty()) return;
    std::string text = "Told apart by " + way + " (in brackets the probability of that order): ";
    for (size_t i = 0; i < std::min(decided.size(), kPairsShown); ++i) text += (i > 0 ? "; " : "") + decided[i];
    if (decided.size() > kPairsShown) text += "; and " + std::to_string(decided.size() - kPairsShown) + " more";
    section_.blocks.push_back(Paragraph{text + ".", false});
  }

  const RunView& run_;
  const JudgeResult& judge_;
  const SystemResult& system_;
  const std::string& id_;
  Section& section_;
};

// Once for the rankings of one judge.
void AddCaveat(const JudgeResult& judge, Section& section) {
  std::string names;
  size_t concerned = 0;
  for (const SystemResult& system : judge.systems) {
    const auto once = [](const PriorityComponent& component) { return component.one_case_a_pair; };
    if (std::ranges::none_of(system.priority.components, once)) continue;
    names += (concerned++ > 0 ? ", " : "") + system.value_system;
  }
  if (concerned == 0) return;
  const std::string which = concerned == judge.systems.size() ? "" : "Of " + names + ": ";
  section.blocks.push_back(Paragraph{which + std::string(kOneCaseCaveat), true});
}

}  // namespace

void AddPriorities(const RunView& run, Document& document) {
  for (const JudgeResult& judge : run.result.judges) {
    if (judge.systems.empty()) continue;
    const std::string id = run.prefix + "priority-" + std::to_string(&judge - run.result.judges.data() + 1);
    Section section;
    section.id = id;
    std::string title = "Value priority, and how sure it is";
    if (run.result.judges.size() > 1) title += ", by " + judge.judge;
    section.title = run.Titled(title);
    const bool many = judge.systems.size() > kManySystems;
    if (many) {
      Table table;
      table.id = id + "-systems";
      table.caption = "Pairs of values whose order the data decide, jointly at 95 %, by outcomes and by margins; a refusal says that "
                      "no ranking of the system is supported.";
      table.columns = {{"Value system", false}, {"Values", true}, {"Tasks", true}, {"By outcomes", false}, {"By margins", false}};
      for (const SystemResult& system : judge.systems) {
        for (const PriorityComponent& component : system.priority.components) {
          const auto said = [](const PriorityRating& rating) {
            if (!rating.refusal.empty()) return std::string("refused");
            const auto reversible = std::count_if(rating.pairs.begin(), rating.pairs.end(),
                                                  [](const PriorityPair& pair) { return pair.depends_on_missing; });
            return std::to_string(rating.decided) + " of " + std::to_string(rating.pairs.size()) + " pairs" +
                   (reversible > 0 ? ", " + std::to_string(reversible) + " depending on missing outcomes" : "");
          };
          table.rows.push_back({system.value_system, std::to_string(component.counts.size()), Grouped(component.games),
                                said(component.by_outcomes), said(component.by_margins)});
        }
      }
      section.blocks.push_back(std::move(table));
      AddCaveat(judge, section);
      document.sections.push_back(std::move(section));
    }
    for (const SystemResult& system : judge.systems) {
      const std::string base = id + "-" + std::to_string(&system - judge.systems.data());
      if (!many) {
        PriorityWriter(run, judge, system, base, section).Write(&system == judge.systems.data());
        continue;
      }
      Section one;
      one.id = base;
      one.title = run.Titled(system.value_system);
      one.detail = true;
      one.minor = true;
      PriorityWriter(run, judge, system, base, one).Write(true);
      document.sections.push_back(std::move(one));
    }
    if (many) continue;
    AddCaveat(judge, section);
    document.sections.push_back(std::move(section));
  }
}

}  // namespace axiometer
